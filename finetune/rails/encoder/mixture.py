"""One epoch's rows: all of the public data, and made ones that are made anew for each epoch."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from finetune.rails.encoder import documents, groups, languages, lookalikes, mangle, payloads, texts
from finetune.rails.encoder.chance import likely, way
from finetune.rails.encoder.row import Row, innocent
from finetune.rails.encoder.sources import Library

_LONGEST = 800
_READ = {"handbook": 12, "cloud": 5, "fiqa": 3, "squadshifts_amazon": 2, "squadshifts_new_wiki": 3}
"""How much more often a source's documents are read than others: pages of companies most of all."""

_FORMS = (0.15, 0.25, 0.1)  # how often an attacker encodes, disguises, or asks an innocent question first
_WRAPPED, _DISGUISED, _AFTER_A_QUESTION = range(3)
_SHORT, _AROUND = 300, 700  # characters
_WHOLE = 4000  # characters, of which a window is what the trainer reads


class Amounts(NamedTuple):
    """How many rows of a kind are made for an epoch."""

    clean: int = 5500
    office: int = 1500
    planted: int = 5000
    quoted: int = 1500
    triggers: int = 5000
    personas: int = 2200
    direct: int = 2500
    acts: int = 4500
    people: int = 9000
    blobs: int = 400
    set_in: int = 2400
    foreign: int = 3000
    lookalikes: int = 8000
    contrasts: int = 3000
    neutral: int = 2000
    answers: int = 2000


class Mixture:
    """Makes rows from a library and templates; equal seeds give equal rows."""

    def __init__(self, library: Library, seed: int, amounts: Amounts | None = None) -> None:
        self._library = library
        self._dice = Random(seed)  # noqa: S311 sampling, not secrets
        self._amounts = amounts or Amounts()
        by_source: dict[str, list[Row]] = {}
        for each in library.documents:
            by_source.setdefault(each.source, []).append(each)
        self._shelves = by_source
        self._marked = [
            row for row in library.rows if 1 in (row.harm, row.toxicity) and len(row.text) < _SHORT
        ]
        self._short = [
            row.text
            for row in library.rows
            if row.injection == 1 and row.kind == "direct" and len(row.text) < _SHORT
        ]

    def epoch(self) -> list[Row]:
        """Return the rows of an epoch, in no order."""
        dice, many = self._dice, self._amounts
        return [
            *self._library.rows,
            *(self._clean() for _ in range(many.clean)),
            *(innocent(documents.office_text(dice)[:1100], kind="office") for _ in range(many.office)),
            *(self.planted() for _ in range(many.planted)),
            *(self._quoted() for _ in range(many.quoted)),
            *self._worn(lookalikes.trigger_sentences(dice, many.triggers), "trigger"),
            *self._worn((documents.persona(dice) for _ in range(many.personas)), "persona"),
            *(self._direct() for _ in range(many.direct)),
            *self._worn(lookalikes.innocent_acts(dice, many.acts), "act"),
            *(Row(text, None, 1, kind="harm") for text in lookalikes.harmful_acts(dice, many.acts // 3)),
            *groups.about_people(dice, many.people),
            *(self._blob() for _ in range(many.blobs)),
            *(self.set_in() for _ in range(many.set_in)),
            *(innocent(languages.foreign_text(dice), kind="foreign") for _ in range(many.foreign)),
            *self._worn(texts.drawn(dice, "lookalikes", many.lookalikes), "look-alike"),
            *(self._contrast() for _ in range(many.contrasts)),
            *self._worn(texts.drawn(dice, "people", many.neutral), "neutral"),
            *(self._answer() for _ in range(many.answers)),
        ]

    def planted(self, longest: int = _LONGEST) -> Row:
        """Return a document of at most about `longest` characters with an attack in it."""
        dice = self._dice
        attack = payloads.payload(dice) if likely(dice, 0.75) else dice.choice(self._short)
        if likely(dice, 0.12):
            attack = mangle.disguised(dice, attack)
        carrier = self.carrier(max(dice.randint(0, longest - min(len(attack), 300)), 40))
        return Row(self._insert(carrier, attack), 1, None, None, None, kind="planted")

    def carrier(self, size: int) -> str:
        """Return an innocent document of at most `size` characters."""
        dice = self._dice
        if likely(dice, 0.45):
            return documents.office_text(dice)[:size]
        if likely(dice, 0.08):
            return languages.foreign_text(dice)[:size]
        text = self._document().text
        start = dice.randint(0, max(len(text) - size, 0))
        return text[start : start + size]

    def _insert(self, carrier: str, attack: str) -> str:
        dice = self._dice
        breaks = [place for place, char in enumerate(carrier) if char in "\n.!?|"]
        at = dice.choice((0, len(carrier), dice.choice(breaks) + 1 if breaks else 0, len(carrier) // 2))
        if at == len(carrier) // 2:
            at = max(carrier.rfind(" ", 0, at), 0)
        gap = dice.choice((" ", " ", "\n", "\n", "\n\n"))
        return f"{carrier[:at]}{gap}{attack}{gap}{carrier[at:]}".strip()

    def _document(self) -> Row:
        sources = list(self._shelves)
        weights = [_READ.get(source, 1) for source in sources]
        return self._dice.choice(self._shelves[self._dice.choices(sources, weights)[0]])

    def set_in(self, longest: int = _AROUND) -> Row:
        """Return a harmful request, a rude remark or a stereotype, with innocent text around it."""
        dice = self._dice
        row = dice.choice(self._marked) if likely(dice, 0.7) else next(groups.about_people(dice, 1))
        return row.worded(self._insert(self.carrier(dice.randint(40, longest)), row.text))

    def _clean(self) -> Row:
        """A part of a document: as the rail's windows cut it, white space and all, or shorter."""
        row = self._document()
        start = self._dice.randint(0, max(len(row.text) - 300, 0)) if likely(self._dice, 0.8) else 0
        if likely(self._dice, 0.3):
            return row.worded(row.text[start : start + self._dice.randint(100, 900)])
        return row.worded(row.text[start : start + _WHOLE])

    def _quoted(self) -> Row:
        dice = self._dice
        carrier = self.carrier(dice.randint(60, 700))
        form = way(dice, 0.6, 0.3)
        said = documents.quotation(dice, payloads.direct(dice)) if form else documents.order(dice)
        return innocent(said if form > 1 else self._insert(carrier, said), kind="quoted")

    def _direct(self) -> Row:
        dice = self._dice
        form = way(dice, *_FORMS)
        text = payloads.direct(dice)
        if form == _WRAPPED:
            text = mangle.wrapped(dice, text)
        elif form == _DISGUISED:
            text = mangle.disguised(dice, text)
        elif form == _AFTER_A_QUESTION:
            text = f"{dice.choice(self._polite())} {text}"
        return Row(text, 1, source="written", kind="direct")

    def _polite(self) -> Sequence[str]:
        return tuple(lookalikes.trigger_sentences(self._dice, 3))

    def _worn(self, texts: Iterator[str], kind: str) -> Iterator[Row]:
        for text in texts:
            slipped = mangle.worn(self._dice, text) if likely(self._dice, 0.3) else text
            yield innocent(slipped, kind=kind)

    def _contrast(self) -> Row:
        """A harmful request in the words of innocent ones, at times behind one of them."""
        dice = self._dice
        (asked,) = texts.drawn(dice, "contrasts", 1)
        if likely(dice, 0.3):
            asked = mangle.worn(dice, asked)
        if likely(dice, 0.15):
            asked = " ".join((*texts.drawn(dice, "lookalikes", 1), asked))
        return Row(asked, None, 1, kind="contrast")

    def _answer(self) -> Row:
        """A forum's answer, or a few below each other."""
        dice = self._dice
        return innocent("\n\n".join(texts.drawn(dice, "answers", dice.choice((1, 1, 2, 3)))), kind="answer")

    def _blob(self) -> Row:
        return innocent(self._insert(self.carrier(300), documents.blob(self._dice)), kind="blob")
