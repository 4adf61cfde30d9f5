"""An engine on a port of this machine: the scripted generator behind OpenAI's wire format, with its moods."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from service.answer import Sampling, Usage
from service.errors import EngineFailed
from service.scripted import ScriptedGenerator

KEY = "key-1"
GARBLED = {"garbled": "{broken", "listed": "[1]", "bare": '{"choices": [{"index": 0}]}'}


class FakeEngine:
    """`mood` is what it does next.

    well, or an error's status; silent: no answer until the caller leaves; endless: words, then silence;
    cut: words, then the connection breaks; unfinished: words, then a proper end without a reason;
    of GARBLED: words, then what nobody can read; overflow: the prompt is too long.

    Given `models`, it knows no others until they are loaded into it, which it puts down in `loaded`.
    """

    def __init__(
        self,
        script: Mapping[str, str | None] | None = None,
        otherwise: str = "28 days [1]",
        models: set[str] | None = None,
    ) -> None:
        self.generator = ScriptedGenerator(script or {}, otherwise)
        self.models = models
        self.loaded: list[dict[str, str]] = []
        self.weighs: bool | None = True  # None: it breaks when it is asked
        self.mood: str | int = "well"
        self.asked: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.traceparents: list[str | None] = []
        self.arrived = threading.Event()  # a question has come
        self.left = threading.Event()  # a caller went away before the end
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @contextmanager
    def running(self) -> Iterator["FakeEngine"]:
        """It listens, on the same port every time."""
        with socket.create_server(("127.0.0.1", self._port)) as listener:
            self._port = listener.getsockname()[1]
            routes = [
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/v1/load_lora_adapter", self._load, methods=["POST"]),
            ]
            config = uvicorn.Config(
                Starlette(routes=routes), log_config=None, lifespan="off", timeout_graceful_shutdown=5
            )
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            try:
                yield self
            finally:
                server.should_exit = True
                thread.join()

    async def _models(self, request: Request) -> Response:
        if isinstance(self.mood, int):
            return JSONResponse({"error": {"message": "no"}}, self.mood)
        if self.mood == "silent":
            await self._gone(request)
        return JSONResponse({"object": "list", "data": []})

    async def _load(self, request: Request) -> Response:
        wanted = await request.json()
        name = wanted["lora_name"]
        if self.models is None or "gone" in wanted["lora_path"]:
            return JSONResponse({"error": {"message": "no such folder", "code": 404}}, 404)
        if name in self.models:
            message = f"The lora adapter '{name}' has already been loaded."
            return JSONResponse({"error": {"message": message, "code": 400}}, 400)
        self.loaded.append(wanted)
        self.models.add(name)
        return Response(f"Success: LoRA adapter '{name}' added successfully.")

    async def _complete(self, request: Request) -> Response:
        asked = await request.json()
        if self.models is not None and asked["model"] not in self.models:
            message = f"The model `{asked['model']}` does not exist."
            return JSONResponse({"error": {"message": message, "code": 404}}, 404)
        if asked.get("vllm_xargs") == {"first_token": "?"}:
            if self.weighs is None:
                return JSONResponse({"error": {"message": "broken"}}, 500)
            return JSONResponse({"error": {"message": "no weights"}}, 400) if self.weighs else _short()
        self.asked.append(asked)
        self.keys.add(request.headers["authorization"])
        self.traceparents.append(request.headers.get("traceparent"))
        self.arrived.set()
        if isinstance(self.mood, int) or self.mood == "overflow":
            message = "This model's maximum context length is 9 tokens." if self.mood == "overflow" else "No."
            # As real ones do, it quotes what it was sent.
            error = {"message": f"{message} {asked} {self.keys}", "code": None}
            return JSONResponse({"error": error}, 400 if self.mood == "overflow" else self.mood)
        if self.mood == "silent":
            await self._gone(request)
            self.left.set()
            return Response()
        return StreamingResponse(self._events(request, asked), media_type="text/event-stream")

    async def _events(self, request: Request, asked: dict[str, Any]) -> AsyncIterator[str]:
        yield _chunk([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
        if self.mood != "well":
            async for event in self._ill(request):
                yield event
            return
        sampling = Sampling(
            asked["max_tokens"],
            asked["temperature"],
            asked["top_p"],
            stop=tuple(asked.get("stop", ())),
            form=json.dumps(asked["response_format"]) if "response_format" in asked else None,
        )
        try:
            async for piece in self.generator.stream(asked["model"], asked["messages"], sampling):
                if piece.text:
                    yield _text(piece.text)
                if piece.finish:
                    yield _chunk([{"index": 0, "delta": {}, "finish_reason": piece.finish}])
                if piece.usage:
                    yield _chunk([], piece.usage)
        except EngineFailed:
            yield f"data: {json.dumps({'error': {'message': f'broke at {asked}', 'code': 500}})}\n\n"
        yield "data: [DONE]\n\n"

    async def _ill(self, request: Request) -> AsyncIterator[str]:
        yield _text("28 ")
        yield _text("days")
        if self.mood == "endless":
            try:
                await self._gone(request)
            finally:  # or the server has noticed it first, and cancels this
                self.left.set()
        elif self.mood == "cut":
            raise RuntimeError("as if killed")
        elif self.mood in GARBLED:
            yield f"data: {GARBLED[self.mood]}\n\n"
        yield "data: [DONE]\n\n"

    async def _gone(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass


def _short() -> Response:
    message = {"role": "assistant", "content": "!"}
    choice = {"index": 0, "message": message, "finish_reason": "length", "logprobs": None}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return JSONResponse(body)


def _text(text: str) -> str:
    return _chunk([{"index": 0, "delta": {"content": text}, "finish_reason": None}])


def _chunk(choices: list[Any], usage: Usage | None = None) -> str:
    body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
    if usage:
        body["usage"] = {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        }
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"  # as vLLM writes it
