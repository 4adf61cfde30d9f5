"""Outcomes for tests, written in a line."""

from eval.dataset import Question
from eval.outcome import Cited, Outcome, Passage


def passage(uri="file:///docs/a.md", text="text", **more):
    return Passage(chunk_id=uri, document_id=uri, uri=uri, text=text, start=0, end=len(text), **more)


def cited(uri="file:///docs/a.md", quote="text", verbatim=None):
    return Cited(
        n=1, chunk_id=uri, document_id=uri, uri=uri, start=0, end=4, quote=quote, verified=True,
        verbatim=verbatim,
    )  # fmt: skip


def outcome(answer="", question=None, **more):
    """An outcome of a question whose fields are those of `question`."""
    asked = Question(**({"id": "q", "question": "What?"} | (question or {})))
    return Outcome(question=asked, answer=answer, **more)


def ranked(*uris, documents=("a.md", "b.md"), **more):
    """An outcome of a question about `documents`, whose search found `uris`."""
    return outcome(
        question={"documents": documents}, retrieved=tuple(passage(f"file:///{uri}") for uri in uris), **more
    )
