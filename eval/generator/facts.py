"""A sentence → a question that it answers. Another kind of sentence is one line in the table of templates."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eval.corpus import Source
from eval.evidence import says
from eval.generator.layout import Sentence, sentences
from eval.generator.words import (
    DATE,
    LIMIT,
    MONEY,
    NUMBER,
    TIME,
    base,
    inside,
    is_name,
    is_subject,
    is_verb,
)

Asked = tuple[str, tuple[str, ...]]  # a question without its mark, and the answers
_SUBJECT = r"(?P<s>[A-ZÀ-Þ][^,;:()\"]{1,70}?)"
_PERSON = r"[A-ZÀ-Þ][\w'-]+(?: [A-ZÀ-Þ][\w'-]+)+"
_ROLE = re.compile(
    r"\b(?:officer|director|manager|head|lead|leader|contractor|owner|chair|sponsor|president)\b"
)
_LONGEST_ANSWER, _LONGEST_REST = 15, 6  # words


@dataclass(frozen=True, slots=True)
class Fact:
    """A question with the sentence that answers it. `bare`: the question without the document's title."""

    sentence: Sentence
    subject: str
    bare: str
    answers: tuple[str, ...]
    named: bool

    @property
    def question(self) -> str:
        """As it can be asked of the whole corpus: with the document's title where the subject has no name."""
        if self.named:
            return f"{self.bare}?"
        return f'According to "{self.sentence.source.title}", {self.bare[0].lower()}{self.bare[1:]}?'


@dataclass(frozen=True, slots=True)
class _Template:
    """Sentences of one form; `ask` is given the match and the subject as it stands inside a sentence."""

    pattern: re.Pattern[str]
    ask: Callable[[re.Match[str], str], Asked | None]


def facts(source: Source, names: frozenset[str]) -> Iterator[Fact]:
    """The facts of a document, at most one a sentence, in order. `names`: those of the corpus."""
    for sentence in sentences(source):
        fact = None if re.search(r"[@|]", sentence.text) else _fact(sentence, names)
        if fact is not None:
            yield fact


def _fact(sentence: Sentence, names: frozenset[str]) -> Fact | None:
    whole = sentence.source.text[sentence.start : sentence.end]
    for template in _TEMPLATES:
        found = template.pattern.fullmatch(sentence.text)
        if found is None or not is_subject(found["s"]):
            continue
        asked = template.ask(found, inside(found["s"], names))
        if asked is not None and all(says(answer, whole) for answer in asked[1]):
            return Fact(sentence, found["s"], *asked, is_name(found["s"], names))
    return None


def _price(found: re.Match[str], subject: str) -> Asked | None:
    verb, rest = found["v"], _rest(found["rest"])
    if rest is None:
        return None
    if verb in {"is", "was", "are"}:
        return f"How much {verb} {subject}{rest}", (found["a"],)
    modal, _, done = verb.partition(" ")
    if done:
        return f"How much {modal} {subject} {done}{rest}", (found["a"],)
    return (f"How much does {subject} {base(verb)}{rest}", (found["a"],)) if is_verb(verb) else None


def _count(found: re.Match[str], subject: str) -> Asked | None:
    rest = _rest(found["rest"])
    if rest is None or not is_verb(found["v"]):
        return None
    unit = found["unit"]
    question = f"How many {unit}{rest} does {subject} {base(found['v'])}"
    return question, (f"{found['n']} {unit}", found["n"])


def _may(found: re.Match[str], subject: str) -> Asked | None:
    rest = _rest(found["rest"])
    if rest is None:
        return None
    unit = found["unit"]
    question = f"How many {unit}{rest} {found['modal']} {subject} {found['v']}"
    return question, (f"{found['n']} {unit}", found["n"])


def _role(found: re.Match[str], _subject: str) -> Asked | None:
    if not _ROLE.search(found["role"]):
        return None
    return f"Who is {found['role']}", (found["s"],)


def _meaning(found: re.Match[str], subject: str) -> Asked | None:
    if len(found["a"].split()) > _LONGEST_ANSWER:
        return None
    return f"What does {subject} {'mean' if found['v'] == 'means' else 'stand for'}", (found["a"],)


def _definition(found: re.Match[str], subject: str) -> Asked | None:
    if len(found["a"].split()) > _LONGEST_ANSWER or len(subject.split()) > 4:  # noqa: PLR2004  # a name
        return None
    return f"What is {subject}", (found["a"],)


def _when_done(found: re.Match[str], subject: str) -> Asked | None:
    return f"When {found['be']} {subject} {found['v']}", (found["a"],)


def _how_long(found: re.Match[str], subject: str) -> Asked | None:
    return f"For how long {found['be']} {subject} {found['v']}", (found["a"],)


def _how_often(found: re.Match[str], subject: str) -> Asked | None:
    return f"How often {found['be']} {subject} {found['v']}", (found["a"],)


def _where(found: re.Match[str], subject: str) -> Asked | None:
    return f"Where {found['be']} {subject} {found['v']}", (found["a"],)


def _when(found: re.Match[str], subject: str) -> Asked | None:
    verb, *rest = found["v"].split()
    return f"When does {' '.join([subject, base(verb), *rest])}", (found["a"],)


def _value(found: re.Match[str], subject: str) -> Asked | None:
    if " than " in found["a"]:
        return None
    word = "Who" if re.fullmatch(_PERSON, found["a"]) and _ROLE.search(found["s"]) else "What"
    return f"{word} {found['be']} {subject}", (found["a"],)


def _rest(words: str) -> str | None:
    """What follows the number, to be said in the question; None where that would be too much."""
    short = len(words.split()) <= _LONGEST_REST and not re.search(
        rf"[,;:]|\b(?:and|but|or|{NUMBER})\b", words
    )
    return words if short else None


def _template(pattern: str, ask: Callable[[re.Match[str], str], Asked | None]) -> _Template:
    return _Template(re.compile(pattern), ask)


_MODAL = "(?:may|must|can|should)"
_REST = r"(?P<rest>[^,]*)(?:,.*)?"
_AMOUNT = rf"(?P<n>{NUMBER}) (?P<unit>[a-z][a-z-]+s){_REST}"
_BEGINS = r"(?P<v>takes place|starts|opens|begins|ends|closes)"
_DONE = r"(?P<be>was|were|is|are) (?P<v>[a-z]+(?:ed|ld|en|nt|pt|id)|valid)"
_SPAN = rf"{NUMBER} (?:minute|hour|day|week|month|year)s?"
_OFTEN = rf"(?:every (?:{NUMBER} |second )?[a-z]+|(?:once|twice) (?:a|every) [a-z]+)"
_PLACE = r"(?:the )?[A-ZÀ-Þ][\w-]+(?: (?:[A-ZÀ-Þ][\w-]+|app|portal|office|list|tool))*"
# The first that fits a sentence makes its question.
_TEMPLATES = (
    _template(rf"{_SUBJECT} (?P<v>(?:{_MODAL} )?[a-z]+) {LIMIT}(?P<a>{MONEY}){_REST}", _price),
    _template(rf"{_SUBJECT} (?P<v>[a-z]+) {LIMIT}{_AMOUNT}", _count),
    _template(rf"{_SUBJECT} (?P<modal>{_MODAL}) (?P<v>[a-z]+) {LIMIT}{_AMOUNT}", _may),
    _template(rf"(?P<s>{_PERSON}) is (?P<role>the [A-Za-z][^,;:]{{3,50}}?)(?: and .*)?", _role),
    _template(rf"{_SUBJECT} (?P<v>means|stands for) (?P<a>[^;:]+?)(?: in [A-Z]\w+)?", _meaning),
    _template(rf"{_SUBJECT} {_DONE} (?:in|on) (?P<a>(?>{DATE}))\b.*", _when_done),
    _template(rf"{_SUBJECT} {_DONE} for {LIMIT}(?P<a>{_SPAN})\b.*", _how_long),
    _template(rf"{_SUBJECT} {_DONE} (?P<a>{_OFTEN})\b.*", _how_often),
    _template(rf"{_SUBJECT} {_DONE} in (?P<a>(?>{_PLACE}))(?: (?!and |or )[a-z].*)?", _where),
    _template(rf"{_SUBJECT} {_BEGINS} (?:on|in|at) (?P<a>(?>{DATE}|{TIME}))(?:[,;]? .*)?", _when),
    _template(rf"{_SUBJECT} is (?P<a>(?:a|an|our|the) [^;:]+)", _definition),
    _template(
        rf"(?P<s>The [^,;:()\"]{{3,60}}?) (?P<be>is|was) (?P<a>{_PERSON}|{NUMBER} [^,;:]{{2,30}})", _value
    ),
)
