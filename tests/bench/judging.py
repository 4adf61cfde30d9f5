"""A judge that fails: what we report of the same 200 rows, and what RAGAS's own `@experiment` does.

    python -m tests.bench.judging [--rows 200]

The judge is a stand-in on this machine; no model is asked. Once a tenth of its calls fail whenever they are
made. Once long prompts fail, as they do where a judge runs out of memory: long answers are the worse ones
here, so that a failing judge makes the system look better. And once a tenth fails at the first attempt only.
"""

import argparse
import asyncio
import contextlib
import io
import json
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI
from pydantic import BaseModel
from ragas import Dataset, experiment
from ragas.llms import llm_factory
from ragas.metrics.collections import Faithfulness

from eval.dataset import Question
from eval.judge import Judge, Manner
from eval.outcome import Outcome, Passage
from eval.ragas import judged
from eval.scoring import Scored, score
from eval.verdicts import Verdicts
from ingest.hashing import HashEmbedder
from service.endpoint import Endpoint
from tests.eval.judge_stand_in import Fails, a_tenth, judging, never


class Kept(BaseModel):
    """What RAGAS's runner keeps of a row."""

    id: str
    faithfulness: float


def rows(count: int) -> list[Outcome]:
    """Answers of one to eight sentences, of which the context holds the first three."""
    made = []
    for number in range(count):
        told = [f"Pump {number} has the spare part number {part}." for part in range(1 + number % 8)]
        text = " ".join(told[:3])
        shown = Passage(chunk_id="c", document_id="d", uri="a.md", text=text, start=0, end=len(text))
        question = Question(id=str(number), question=f"Which parts has pump {number}?")
        made.append(Outcome(question=question, answer=" ".join(told), shown=(shown,)))
    return made


def ours(made: Sequence[Outcome], fails: Fails) -> Scored:
    """By our runner; three attempts a call."""
    with judging(fails) as (url, _), tempfile.TemporaryDirectory() as folder:
        judge = Judge(Endpoint(url), Manner(url, "m", pause=0.01), Verdicts(Path(folder)))
        faithful = [
            each for each in judged(judge, HashEmbedder(), lambda _: False) if each.name == "faithfulness"
        ]
        return score(made, faithful)


def theirs(made: Sequence[Outcome], fails: Fails) -> list[Kept]:
    """By RAGAS's runner, as its documentation has it."""

    @experiment(Kept)
    async def run(row: dict[str, Any]) -> Kept:
        value = await metric.ascore(row["question"], row["answer"], row["contexts"])
        return Kept(id=row["id"], faithfulness=value.value)

    data: Dataset[Any] = Dataset("rows", backend="inmemory")
    for row in made:
        contexts = [each.text for each in row.shown]
        asked = row.question
        data.append({"id": asked.id, "question": asked.question, "answer": row.answer, "contexts": contexts})
    said = io.StringIO()
    with judging(fails) as (url, _), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        metric = Faithfulness(llm=llm_factory("m", client=AsyncOpenAI(base_url=url, api_key="none")))
        return list(asyncio.run(run.arun(data, name="rows")))


def compared(made: Sequence[Outcome], fails: Fails, truth: Scored) -> dict[str, Any]:
    """What both report, and what is true of the rows that were scored."""
    mine, kept = ours(made, fails), theirs(made, fails)
    pairs = zip(mine.rows, truth.rows, strict=True)
    changed = sum(one["scores"] != well["scores"] for one, well in pairs if not one["failures"])
    figure = mine.metrics["faithfulness"]
    return {
        "ours": {name: figure[name] for name in ("value", "low", "high", "n", "coverage")},
        "ours_failures": mine.failures,
        "ours_rows_whose_score_changed": changed,
        "ragas": {"value": sum(row.faithfulness for row in kept) / len(kept), "rows": len(kept)},
    }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200)
    logging.disable(logging.ERROR)
    made = rows(parser.parse_args().rows)
    truth = ours(made, never)
    moods: dict[str, Fails] = {
        "a_tenth_of_calls_fails": a_tenth,
        "long_prompts_fail": lambda prompt, _: "error" if len(prompt.rpartition("input: {")[2]) > 400 else "",
        "a_tenth_fails_once": lambda prompt, attempt: a_tenth(prompt, attempt) if attempt == 1 else "",
    }
    told = {"rows": len(made), "truth": truth.metrics["faithfulness"]["value"]}
    told |= {name: compared(made, fails, truth) for name, fails in moods.items()}
    print(json.dumps(told, indent=2))  # noqa: T201  # what the benchmark is for


if __name__ == "__main__":
    main()
