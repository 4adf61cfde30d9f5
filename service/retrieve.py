"""A question → the passages that this principal may read, screened before the model sees them."""

from dataclasses import dataclass
from typing import NamedTuple

from guardrails.guard import Guard
from guardrails.placeholders import Placeholders
from guardrails.rail import Vectors
from guardrails.verdict import Stage, Verdict
from ingest.access import Principal
from ingest.documents import Passage
from ingest.library import Library
from service.likeness import Likeness
from service.spans import step


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved passage, and what of it the model may see (secrets redacted).

    `heading` stands above the text in the prompt: its path of headings, or the document's title.
    """

    passage: Passage
    heading: str
    text: str


class Doubt(NamedTuple):
    """What the rails found in a passage of a document."""

    document_id: str
    verdict: Verdict


class Search(NamedTuple):
    """What to look for: a question with its vector (dimension,), by a principal.

    `placeholders` are the request's: values of passages that rails take out are put among them.
    """

    principal: Principal
    question: str
    vector: Vectors
    placeholders: Placeholders


class Retriever:
    """Hybrid search for a principal, and the passage rails. Blocking: call it in a thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.likeness = Likeness(library.embedder)

    @step("embed")
    def embed(self, question: str) -> Vectors:
        """The question's vector (dimension,), for the rails and the search alike."""
        return self._library.embedder.encode_query(question)

    @step("retrieve")
    def retrieve(
        self, search: Search, guard: Guard, k: int, enough: int
    ) -> tuple[list[Candidate], list[Doubt]]:
        """The passages that may be shown to the model, best first, and what was found in any.

        Of the `k` that are found, passages are screened until `enough` may be shown.
        """
        candidates, doubts = [], []
        with step("search"):
            found = self._library.search(search.principal, search.question, k, vector=search.vector)
        for passage in found:
            # The heading is screened with the text: it is the author's as well, and the model reads it.
            above = " ".join((passage.heading or passage.title).split())
            # What is screened is what was embedded, so its vector is known.
            read = f"{above}\n{passage.text}"
            verdict = guard.screen(Stage.PASSAGE, read, vector=passage.vector)
            if verdict.findings:
                doubts.append(Doubt(passage.document_id, verdict))
            if not verdict.blocked:
                shown = search.placeholders.numbered(Stage.PASSAGE, read, verdict)
                heading, _, text = shown.partition("\n")
                candidates.append(Candidate(passage, heading, text))
            if len(candidates) == enough:
                break
        return candidates, doubts
