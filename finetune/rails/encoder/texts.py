r"""Hand-written texts by family, one a line, in `texts/*.txt`: `{a|b}` leaves a choice, `\n` starts a line.

`lookalikes`: innocent sentences in the words of harmful requests; `contrasts`: harmful ones beside them;
`people`: neutral sentences about groups; `answers`: answers of forums, full of commands. Families that
say "(held out)" measure and are never trained on.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from random import Random

from finetune.rails.encoder.chance import likely

_FOLDER = Path(__file__).with_name("texts")
_HELD = " (held out)"
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_MOST = 6  # wordings of one template that measure, so that none outweighs the sentences without a choice
_LEADS = (
    "Quick question: ",
    "Hi, ",
    "Hello! ",
    "Please help: ",
    "asking for a friend, ",
    "Can you tell me: ",
    "Next question. ",
    "Thanks. And: ",
    "For our newsletter: ",
    "One more thing: ",
)


@cache
def families(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the templates of the file `name` by family."""
    found: dict[str, list[str]] = {}
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            found[line[2:]] = []
        elif line:
            found[list(found)[-1]].append(line.replace("\\n", "\n"))
    return {family: tuple(texts) for family, texts in found.items()}


def trained(name: str) -> Sequence[str]:
    """Return the templates that are trained on."""
    return _templates(name, held=False)


def held_out(name: str) -> list[str]:
    """Return the texts that measure: all sentences of held-out families, some wordings of each template."""
    return [text for template in _templates(name, held=True) for text in _wordings(template)]


def drawn(dice: Random, name: str, count: int) -> Iterator[str]:
    """Yield `count` of the texts that are trained on, some of them after a greeting."""
    templates = trained(name)
    weights = [math.sqrt(math.prod(map(len, _choices(template)))) for template in templates]
    for template in dice.choices(templates, weights, k=count):
        text = "".join(dice.choice(words) for words in _choices(template))
        lead = dice.choice(_LEADS) if likely(dice, 0.12) else ""
        yield _tidy(lead + (text.lower() if likely(dice, 0.15) else text))


@cache
def _templates(name: str, *, held: bool) -> tuple[str, ...]:
    return tuple(
        text for family, texts in families(name).items() if family.endswith(_HELD) == held for text in texts
    )


def _wordings(template: str) -> list[str]:
    every = [_tidy("".join(words)) for words in product(*_choices(template))]
    return every[:: -(-len(every) // _MOST)]


def _choices(template: str) -> list[list[str]]:
    parts = _CHOICE.split(template)
    return [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]


def _tidy(text: str) -> str:
    """Without the gaps that an empty choice leaves."""
    return re.sub(r"(?<=\S)  +(?=\S)", " ", re.sub(r"(?<=\w) (?=[?.,](?:\s|$))", "", text)).strip()
