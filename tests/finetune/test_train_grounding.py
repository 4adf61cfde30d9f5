import gzip
import json

import pytest

from finetune.errors import BadSource
from finetune.rails.claims import judged, made, reworded
from finetune.rails.train_grounding import Sources, train_grounding
from guardrails.grounding import Grounding, GroundingModel
from guardrails.rail import Sample
from guardrails.verdict import Stage

TOWNS = ("Turku", "Gothenburg", "Lisbon", "Vilnius", "Porto", "Malmo")


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "judged"
    folder.mkdir()
    for split in ("train", "dev"):
        with gzip.open(folder / f"{split}.jsonl.gz", "wt") as file:
            for label, response in ((1, "The sky is blue"), (0, "Cats have nine lives")):
                row = {"response": response, "context": "The sky is blue today.", "label": label}
                file.write(json.dumps(row | {"source": "people"}) + "\n")
    questions = tmp_path / "questions.jsonl"
    with questions.open("w") as file:
        for number, town in enumerate(TOWNS * 4):
            passage = (
                f"The office in {town} has {number + 20} desks and was opened in {1990 + number} by all. "
                f"People who work in {town} can park {number + 50} cars behind the house number {number + 7}."
            )
            row = {"question": "How many desks?", "answers": [f"{number + 20} desks"], "passages": [passage]}
            row |= {"answerable": True, "source": "made", "title": town}
            file.write(json.dumps(row) + "\n")
    texts = {"made": [json.loads(line)["passages"][0] for line in questions.read_text().splitlines()]}
    return Sources(folder, questions, questions, texts)


def test_training_learns_to_tell_copies_from_inventions(sources, tmp_path):
    out = tmp_path / "grounding.json"
    content = train_grounding(sources, out, say=lambda _: None)
    assert content == json.loads(out.read_text())
    flagged = content["figures"]["part flagged"]
    assert flagged["made: copy, supported"][0] == 0.0
    assert flagged["made: foreign, unsupported"][0] > 0.9
    assert "| made: copy, supported | 0.000 |" in out.with_suffix(".md").read_text()
    rail = Grounding(GroundingModel.load(out))
    passage = "The office in Turku has 20 desks and was opened in 1990 by the board."
    true, false = (
        rail.inspect(Sample(text, Stage.OUTPUT, context=(passage,))).score
        for text in ("The office in Turku has 20 desks [1].", "The office in Lisbon has 25 desks [1].")
    )
    assert true < 0.5 < false


def test_made_claims_are_what_they_say(sources):
    claims = made(sources.train_questions, 24, seed=1)
    assert {claim.kind for claim in claims} >= {"made: copy", "made: span", "made: number", "made: negation"}
    for claim in claims:
        carried = any(claim.text in passage for passage in claim.passages)
        if claim.kind in {"made: copy", "made: span"}:
            assert (carried, claim.supported) == (True, True)
        elif not claim.supported:
            assert not carried, claim


def test_equal_seeds_make_equal_claims(sources):
    assert made(sources.train_questions, 24, seed=3) == made(sources.train_questions, 24, seed=3)
    assert made(sources.train_questions, 24, seed=3) != made(sources.train_questions, 24, seed=4)


def test_unreadable_claims_are_a_clear_error(tmp_path):
    with pytest.raises(BadSource, match="none"):
        judged(tmp_path / "none.jsonl.gz")


def test_tables_of_a_card_are_put_in_place_of_the_old_ones(sources, tmp_path):
    card = tmp_path / "grounding.md"
    card.write_text("# A card\n\n## Figures\nold\n\n## Known weaknesses\nmany\n")
    train_grounding(sources, tmp_path / "grounding.json", say=lambda _: None)
    written = card.read_text()
    assert written.startswith("# A card\n\n## Figures\n\n| auc of judged claims |")
    assert written.endswith("\n## Known weaknesses\nmany\n")
    assert "old" not in written


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("In March 2020, five offices are not open.", "5 offices aren't open in March 2020."),
        ("It grew by 5% on May 5, 2020.", "It grew by 5 percent on 5 May 2020."),
        ("Nothing to change here.", "Nothing to change here."),
    ],
)
def test_rewording_keeps_what_is_said(written, other):
    assert reworded(written) == other
