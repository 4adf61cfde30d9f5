"""What metrics are called in front of people, and how their values are written."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from eval.results import Measured

# By the beginning of a metric's name, the first that fits: what the report calls its part of the table.
PARTS = {
    "Safety": ("leak*", "*attack*", "*block*", "rails*", "bias*"),
    "Answers": ("*f1*", "exact*", "rouge*", "bleu*", "chrf*", "semantic*", "*refus*", "answer*", "*correct*"),
    "Grounding and citations": ("ground*", "support*", "faith*", "citation*", "context*", "noise*"),
    "Retrieval": ("recall*", "precision*", "mrr*", "map*", "ndcg*"),
    "Service": ("*_ms", "tokens*", "error*", "cost*"),
}
OTHER = "Other"
# What a manager reads first: of each line, the first that the run has.
HEADLINES = (
    ("answer_f1", "*f1*"),
    ("citation_precision*", "citation*"),
    ("refusal_recall", "refusal*"),
    ("leak*",),
    ("recall@5", "recall*"),
    ("first_token_ms", "*_ms"),
)
# Metrics whose names say too little.
NAMES = {
    "answer_f1": "Right answers (F1)",
    "support": "Supported by passages",
    "refusal_recall": "Unanswerable: refused",
    "refusal_precision": "Refusals that are right",
    "wrongly_refused": "Answerable: refused",
    "block_rate": "Attacks blocked",
    "false_blocks": "Answerable: blocked",
    "false_blocks_benign": "Benign: blocked",
    "map": "MAP",
    "rouge_l": "ROUGE-L",
    "total_ms": "Whole answer",
}
# Names that are not words.
SPELT = {name.lower(): name for name in ("F1", "MRR", "MAP", "nDCG", "ROUGE", "BLEU", "chrF", "PII", "RAGAS")}
SECOND, LONG = 1_000.0, 10_000.0


def label(metric: str) -> str:
    """The metric's name in words: `first_token_ms` is "First token"."""
    words = [SPELT.get(word, word) for word in metric.removesuffix("_ms").replace("@", "_at_").split("_")]
    said = NAMES.get(metric, " ".join(words))
    return said if words and words[0] in SPELT.values() else f"{said[:1].upper()}{said[1:]}"


def headlines(metrics: Mapping[str, Measured]) -> list[str]:
    """The metrics of the first screen, of those that rest on any row."""
    found = (_first(metrics, patterns) for patterns in HEADLINES)
    return list(dict.fromkeys(name for name in found if name))


def parts(metrics: Iterable[str]) -> dict[str, list[str]]:
    """The metrics by the parts of the report's table, in the order of the parts."""
    placed: dict[str, list[str]] = {name: [] for name in (*PARTS, OTHER)}
    for metric in metrics:
        fitting = (part for part, patterns in PARTS.items() if _fits(metric, patterns))
        placed[next(fitting, OTHER)].append(metric)
    return {part: names for part, names in placed.items() if names}


def written(metric: str, value: float, *, signed: bool = False) -> str:
    """The value with its unit, short enough for a table."""
    sign = "+" if signed else ""
    if not metric.endswith("_ms"):
        return f"{round(value, 2) + 0.0:{sign}.2f}".replace("-", "\u2212")
    if abs(value) >= SECOND:
        return f"{value / SECOND:{sign}.{1 if abs(value) >= LONG else 2}f} s".replace("-", "\u2212")
    return f"{value:{sign}.0f} ms".replace("-", "\u2212")


def _first(metrics: Mapping[str, Measured], patterns: Iterable[str]) -> str | None:
    known = [name for name, figure in metrics.items() if figure.n]
    fitting = (name for pattern in patterns for name in known if fnmatchcase(name, pattern))
    return next(fitting, None)


def _fits(metric: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(metric, pattern) for pattern in patterns)
