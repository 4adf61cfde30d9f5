import asyncio
import math

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel
from ragas import Dataset, experiment
from ragas.llms import llm_factory
from ragas.metrics.collections import BleuScore, CHRFScore, Faithfulness, RougeScore
from ragas.metrics.collections import SemanticSimilarity as Theirs

from eval.judge import Judge, Manner
from eval.metric import Failed
from eval.metrics.overlap import bleu, chrf
from eval.metrics.rouge import rouge_l
from eval.metrics.similarity import SemanticSimilarity
from eval.ragas import _Sense, judged
from eval.scoring import score
from eval.verdicts import Verdicts
from ingest.hashing import HashEmbedder
from service.endpoint import Endpoint
from tests.eval.judge_stand_in import a_tenth, judging
from tests.eval.rows import outcome, passage

HELD = "The pump runs. It stops at noon."
KNOWN = {"answers": ["It stops at noon."], "question": "When does it stop?"}
ROW = outcome("The pump runs. It sings. [1]", KNOWN, shown=(passage(text=HELD), passage(text="No.")))


def table(url, folder, **more):
    judge = Judge(Endpoint(url), Manner(url, "m", pause=0.01, **more), Verdicts(folder))
    return {
        metric.name: metric for metric in judged(judge, HashEmbedder(), lambda name: name == "faithfulness")
    }


def rows(count):
    """Answers of two to five sentences, of which the contexts hold one to four."""
    made = []
    for number in range(count):
        told = [f"Pump {number} has part {part}." for part in range(2 + number % 4)]
        shown = (passage(text=" ".join(told[: 1 + number % 3])),)
        made.append(outcome(" ".join(told), {"id": str(number), "question": f"Pump {number}?"}, shown=shown))
    return made


def test_every_metric_of_ragas_gives_a_row_a_score(tmp_path):
    with judging() as (url, _):
        scores = {name: metric.scores([ROW])[0] for name, metric in table(url, tmp_path).items()}
    assert len(scores) == 7
    assert all(isinstance(each, float) and not math.isnan(each) for each in scores.values()), scores
    assert scores["faithfulness"] == 0.5
    assert scores["context_precision"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("row", "scored"),
    [
        (outcome("x", KNOWN | {"kind": "attack"}), {}),
        (outcome("", KNOWN, refused=True), {"answer_correctness": 0.0, "factual_correctness": 0.0}),
        (outcome("", {"answerable": False}, refused=True), {}),
    ],
)
def test_what_there_is_nothing_to_judge_of_costs_no_call(tmp_path, row, scored):
    with judging() as (url, bench):
        found = {name: metric.scores([row])[0] for name, metric in table(url, tmp_path).items()}
        assert bench.calls == 0
    assert {name: each for name, each in found.items() if each is not None} == scored


def test_a_row_with_an_error_and_one_without_a_verdict_have_failed(tmp_path):
    with judging(lambda *_: "nonsense") as (url, _):
        told = table(url, tmp_path)["faithfulness"].scores([outcome("x", error="down"), ROW])
    assert told[0] == Failed("down")
    assert "does not fit" in told[1].reason


def test_a_verdict_on_nothing_is_a_failure_and_not_a_number(tmp_path):
    with judging() as (url, _):
        (told,) = table(url, tmp_path)["faithfulness"].scores([outcome(".", shown=(passage(text=HELD),))])
    assert isinstance(told, float | Failed)
    assert not (isinstance(told, float) and math.isnan(told))


def test_a_judges_metrics_gate_where_agreement_was_shown_only(tmp_path):
    with judging() as (url, _):
        assert [name for name, metric in table(url, tmp_path).items() if metric.gates] == ["faithfulness"]


def test_no_more_rows_are_judged_at_a_time_than_the_setting_says(tmp_path):
    class Watching:
        now = most = 0

        async def stream(self, *_):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.01)
            self.now -= 1
            for piece in ():
                yield piece

    engine = Watching()
    judge = Judge(engine, Manner("u", "m", concurrency=3, attempts=1), Verdicts(tmp_path))
    judged(judge, HashEmbedder(), lambda _: False)[0].scores(rows(12))
    assert engine.most == 3


# RAGAS's own client gives its user an id, in a file that it opens and does not close.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_failing_judge_costs_coverage_and_changes_no_score_where_ragas_drops_rows_silently(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    class Scored(BaseModel):
        id: str
        faithfulness: float

    made = rows(24)
    with judging() as (url, _):
        truth = score(made, [table(url, tmp_path / "well")["faithfulness"]])
    with judging(a_tenth) as (url, _):
        ours = score(made, [table(url, tmp_path / "ill", attempts=1)["faithfulness"]])
        llm = llm_factory("m", client=AsyncOpenAI(base_url=url, api_key="none", max_retries=0))
        faithful = Faithfulness(llm=llm)

        @experiment(Scored)
        async def theirs(row):
            value = await faithful.ascore(row["question"], row["answer"], row["contexts"])
            return Scored(id=row["id"], faithfulness=value.value)

        data = Dataset("d", backend="inmemory")
        for row in made:
            data.append(
                {
                    "id": row.question.id,
                    "question": row.question.question,
                    "answer": row.answer,
                    "contexts": [each.text for each in row.shown],
                }
            )
        kept = asyncio.run(theirs.arun(data, name="e"))
    figure = ours.metrics["faithfulness"]
    assert 0 < ours.failures["faithfulness"] == 24 - figure["n"]
    assert figure["coverage"] == figure["n"] / 24
    for mine, well in zip(ours.rows, truth.rows, strict=True):
        assert mine["failures"] or mine["scores"] == well["scores"]
    scores = [each.faithfulness for each in kept]
    assert len(scores) == figure["n"]  # theirs has fewer rows, and says so nowhere
    assert sum(scores) / len(scores) == pytest.approx(figure["value"])


def test_rouge_bleu_chrf_and_similarity_are_ragas_own_for_one_accepted_answer():
    said, gold = "The pump stops at noon today", "It stops at noon on weekdays"
    row = outcome(said, {"answers": [gold]})

    def theirs(metric):
        return asyncio.run(metric.ascore(reference=gold, response=said)).value

    encoder = HashEmbedder()
    for mine, other in [(rouge_l(), RougeScore()), (chrf(), CHRFScore())]:
        assert mine.scores([row])[0] == pytest.approx(theirs(other), abs=1e-6)
    assert SemanticSimilarity(encoder).scores([row])[0] == pytest.approx(
        theirs(Theirs(embeddings=_Sense(encoder))), abs=1e-6
    )
    # Without the effective order, RAGAS's BLEU of a short answer is another.
    assert bleu().scores([row])[0] == pytest.approx(
        theirs(BleuScore(kwargs={"use_effective_order": True})), abs=1e-6
    )
