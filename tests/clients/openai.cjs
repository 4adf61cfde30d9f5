// Talks to a server with the official JavaScript client, and prints what it got as one JSON object.
// node openai.cjs FOLDER URL KEY QUESTION UNKNOWN: the client is installed in FOLDER/node_modules.
"use strict";

const { createRequire } = require("node:module");

const [folder, baseURL, apiKey, question, unknown] = process.argv.slice(2);
const { OpenAI } = createRequire(`${folder}/`)("openai");
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const schema = { type: "object", properties: { days: { type: "integer" } }, required: ["days"] };
const response_format = { type: "json_schema", json_schema: { name: "leave", schema, strict: true } };

function asked(content, more = {}) {
  return { model: "default", messages: [{ role: "user", content }], ...more };
}

async function models() {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  return [names, (await client.models.retrieve("org/base")).id];
}

async function whole() {
  const { choices, usage, citations } = await client.chat.completions.create(asked(question));
  return { text: choices[0].message.content, tokens: usage.total_tokens, quote: citations[0].quote };
}

async function streamed() {
  const more = { stream: true, stream_options: { include_usage: true } };
  const chunks = [];
  for await (const chunk of await client.chat.completions.create(asked(question, more))) chunks.push(chunk);
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
  const last = chunks.at(-1);
  return { text, tokens: last.usage.total_tokens, quote: last.citations[0].quote };
}

async function helped() {
  return client.chat.completions.stream(asked(question)).finalContent();
}

async function formed() {
  const { choices } = await client.chat.completions.parse(asked(question, { response_format }));
  const { choices: none } = await client.chat.completions.parse(asked(unknown, { response_format }));
  return [choices[0].message.parsed, none[0].message.parsed ?? null, none[0].message.refusal];
}

async function responses() {
  const { output_text } = await client.responses.create({ model: "default", input: question });
  const kinds = [];
  for await (const event of await client.responses.create({ model: "default", input: question, stream: true }))
    kinds.push(event.type);
  return [output_text, kinds[0], kinds.at(-1)];
}

async function failure(call) {
  try {
    await call();
  } catch (error) {
    return [error.constructor.name, error.status, error.code];
  }
  return ["none"];
}

async function failures() {
  const stranger = new OpenAI({ baseURL, apiKey: "pk-wrong", maxRetries: 0 });
  return [
    await failure(() => stranger.models.list()),
    await failure(() => client.chat.completions.create(asked(question, { n: 2 }))),
    await failure(() => client.chat.completions.create(asked(question, { model: "none" }))),
  ];
}

async function main() {
  const steps = { models, whole, streamed, helped, formed, responses, failures };
  const told = {};
  for (const [name, step] of Object.entries(steps)) told[name] = await step();
  process.stdout.write(JSON.stringify(told));
}

main();
