"""A question → the passages that this principal may read, screened before the model sees them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from guardrails.guard import Guard
from guardrails.placeholders import Placeholders
from guardrails.rail import Embedded
from guardrails.redaction import redact
from guardrails.values import VALUES
from guardrails.verdict import Action, Finding, Stage, Verdict
from ingest.access import Principal
from ingest.documents import Passage
from ingest.library import Library
from ingest.reranker import AS_FOUND, Order
from ingest.where import EVERYWHERE, Where
from service.repetition import repeats
from service.spans import step

# How much farther is looked where the first passages found say one thing, or are blocked.
DEEPER = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved passage, and what of it the model may see (secrets redacted).

    `heading` stands above the text in the prompt: its path of headings, or the document's title. Where a
    sentence was taken out, `pieces` are what is left of the passage: no quote goes across.
    """

    passage: Passage
    heading: str
    text: str
    pieces: tuple[Passage, ...] = ()

    @property
    def readable(self) -> tuple[Passage, ...]:
        """What may be quoted."""
        return self.pieces or (self.passage,)


class Doubt(NamedTuple):
    """What the rails found in a passage of a document."""

    document_id: str
    verdict: Verdict


class Search(NamedTuple):
    """What to look for, and where: a question with its vector, by a principal.

    `placeholders` are the request's: values of passages that rails take out are put among them.
    """

    principal: Principal
    question: str
    vector: Embedded
    placeholders: Placeholders
    where: Where = EVERYWHERE


class Retriever:
    """Hybrid search for a principal, and the passage rails. Blocking: call it in a thread."""

    def __init__(self, library: Library, order: Order = AS_FOUND) -> None:
        """`order` has the last word on which of the passages found come first."""
        self._library, self._order = library, order

    @step("embed")
    def embed(self, question: str) -> Embedded:
        """The question's vector, for the rails and the search alike."""
        embedder = self._library.embedder
        return Embedded(embedder.encode_query(question), embedder.name)

    @step("retrieve")
    def retrieve(
        self, search: Search, guard: Guard, k: int, enough: int
    ) -> tuple[list[Candidate], list[Doubt]]:
        """The passages that may be shown to the model, best first, and what was found in any.

        Of those that are found, passages are screened until `enough` may be shown. `k` are looked for; where
        too many of them say the same or may not be shown, `DEEPER` times as many.
        """
        candidates: list[Candidate] = []
        doubts = []
        for passage in self._found(search, k):
            if any(repeats(passage.text, candidate.text) for candidate in candidates):
                continue
            # The heading is screened with the text: it is the author's as well, and the model reads it.
            above = " ".join((passage.heading or passage.title).split())
            # What is screened is what was embedded, so its vector is known.
            read = f"{above}\n{passage.text}"
            verdict = _parted(guard.screen(Stage.PASSAGE, read, vector=_vector(passage)), read, len(above))
            if verdict.findings:
                doubts.append(Doubt(passage.document_id, verdict))
            heading, _, text = search.placeholders.numbered(Stage.PASSAGE, read, verdict).partition("\n")
            # Nothing is left of a passage that was taken out as a whole.
            if not verdict.blocked and any(map(str.isalnum, text)):
                pieces = tuple(_pieces(passage, verdict.acting, len(above) + 1))
                candidates.append(Candidate(passage, heading, text, pieces))
            if len(candidates) == enough:
                break
        return candidates, doubts

    def _found(self, search: Search, k: int) -> Iterator[Passage]:
        """Best first. Ten copies of one paragraph must not be all that is found: then it is looked again."""
        first = self._look(search, k)
        yield from first
        if len(first) == k:
            seen = {passage.chunk_id for passage in first}  # not always the first ones again
            yield from (each for each in self._look(search, DEEPER * k) if each.chunk_id not in seen)

    @step("search")
    def _look(self, search: Search, k: int) -> list[Passage]:
        vector, by = search.vector

        def look(count: int) -> list[Passage]:
            return self._library.search(
                search.principal, search.question, count, vector=vector, by=by, where=search.where
            )

        return self._order.best(search.question, k, look)


def _vector(passage: Passage) -> Embedded | None:
    return None if passage.vector is None else Embedded(passage.vector, passage.by)


def _parted(verdict: Verdict, read: str, edge: int) -> Verdict:
    """What is taken out across the end of the heading, as heading and text each: the line's end stays."""
    if verdict.action is not Action.REDACT:
        return verdict
    parts = tuple(part for found in verdict.findings for part in _parts(found, edge))
    return replace(verdict, text=redact(read, (part for part in parts if not part.shadow)), findings=parts)


def _parts(found: Finding, edge: int) -> Sequence[Finding]:
    if found.action is not Action.REDACT or not found.start <= edge < found.end:
        return (found,)
    parts = (replace(found, end=edge), replace(found, start=edge + 1))
    return [part for part in parts if part.start < part.end]


def _pieces(passage: Passage, findings: Sequence[Finding], before: int) -> Iterator[Passage]:
    """What is left of a passage of which sentences were taken out; nothing if none were.

    Values are masked when they are quoted (`service.draft.private`): a sentence with one can still be cited.
    """
    taken = sorted(
        (max(0, found.start - before), found.end - before)
        for found in findings
        if found.action is Action.REDACT and found.rail not in VALUES and found.end > before
    )
    at = 0
    for start, end in [*taken, (len(passage.text), len(passage.text))] if taken else ():
        if passage.text[at:start].strip():
            yield replace(
                passage, text=passage.text[at:start], start=passage.start + at, end=passage.start + start
            )
        at = max(at, end)
