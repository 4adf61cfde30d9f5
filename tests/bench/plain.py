"""A plain LangChain + FastAPI endpoint over the same chunks, as tutorials write it, to measure ours beside.

No keys, no rails, no groups, no checked citations, no records. The same embedder, prompt, number of passages
and engine; its retriever is exact, over a matrix in memory: a vector store would be slower at this size.
"""

import argparse
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnablePassthrough
from langchain_openai import ChatOpenAI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer

from service.prompts import INSTRUCTIONS

PASSAGES = 4


class Matrix(BaseRetriever):
    """Exact search."""

    model: Any
    texts: list[str]
    vectors: Any

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  # the base class's signature
    ) -> list[Document]:
        scores = self.vectors @ self.model.encode(query, normalize_embeddings=True, show_progress_bar=False)
        return [Document(self.texts[place]) for place in np.argsort(-scores)[:PASSAGES]]


class Asked(BaseModel):
    """What it takes of a chat completion."""

    messages: list[dict[str, str]]
    max_tokens: int = 128


def chain(folder: Path, embedder: str, engine: str, model: str) -> Runnable[str, str]:
    """Question in, answer out."""
    retriever = Matrix(
        model=SentenceTransformer(embedder),
        texts=json.loads((folder / "texts.json").read_text()),
        vectors=np.load(folder / "vectors.npz")["vectors"],
    )
    retriever.invoke("warm")
    asked = "{context}\n\nQuestion: {question}"
    prompt = ChatPromptTemplate.from_messages([("system", INSTRUCTIONS), ("human", asked)])
    llm = ChatOpenAI(base_url=engine, api_key="none", model=model, temperature=0, max_tokens=128)
    context = retriever | _numbered
    return {"context": context, "question": RunnablePassthrough()} | prompt | llm | StrOutputParser()


def _numbered(found: list[Document]) -> str:
    return "\n\n".join(f"[{n}] {document.page_content}" for n, document in enumerate(found, start=1))


def app(answers: Runnable[str, str]) -> FastAPI:
    """The endpoint."""
    api = FastAPI()

    @api.post("/v1/chat/completions")
    async def ask(asked: Asked) -> StreamingResponse:
        async def events() -> AsyncIterator[str]:
            async for text in answers.astream(asked.messages[-1]["content"]):
                chunk = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
                yield f"data: {json.dumps(chunk)}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    @api.get("/readyz")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    return api


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A plain endpoint.")
    for option in ("--folder", "--embedder", "--engine", "--model"):
        parser.add_argument(option, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    made = chain(Path(given.folder), given.embedder, given.engine, given.model)
    uvicorn.run(app(made), host="127.0.0.1", port=given.port, log_level="warning")
