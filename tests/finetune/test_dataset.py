import gzip
import json
from dataclasses import replace

import pytest

from finetune.datasets.dataset import load
from finetune.datasets.files import File
from finetune.datasets.recipe import Recipe
from finetune.datasets.sources import agreed
from finetune.errors import BadDataset, BadPlace, BadSource
from tests.finetune.making import files, make


def paragraph(title, year):
    asked, units = f"How many units did the {title} works build in {year}?", str(year % 97)
    return {
        "context": f"In {year} the {title} works built {units} units in Hall{year} near the river.",
        "qas": [
            {
                "id": f"{title}{year}",
                "question": asked,
                "answers": [{"text": f"{units} units"}, {"text": units}],
            },
            {"id": f"{title}{year}x", "question": f"Which hall did {title} close in {year}?", "answers": []},
        ],
    }


def squad(titles=("Turku", "Gothenburg", "Pumps")):
    years = range(1990, 2002)
    return {"data": [{"title": t, "paragraphs": [paragraph(t, year) for year in years]} for t in titles]}


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "squad.json"
    file.write_text(json.dumps(squad()))
    return file


WHOLE = Recipe(validation=0, test=0)
RECIPE = replace(WHOLE, rounds=2, tables=5, rivals=3, same_article=0.25, unrelated=0.12)


def test_a_dataset_holds_every_kind_of_question(source, tmp_path):
    manifest = make([File(source, files(source)[0].means, "CC BY-SA 4.0")], tmp_path / "data", RECIPE)
    assert set(manifest["questions"]) >= {
        "answerable",
        "adversarial",
        "same-article",
        "unrelated",
        "swapped",
        "negated",
    }
    assert manifest["licenses"] == ["CC BY-SA 4.0"]
    assert load(tmp_path / "data").manifest == json.loads(json.dumps(manifest))


def test_an_answer_stands_in_the_passage_that_its_reply_cites(source, tmp_path):
    make([source], tmp_path / "data", RECIPE)
    cited = 0
    for reading in load(tmp_path / "data").train:
        assert 1 <= len(reading.passages) <= 5
        for asked in reading.asked:
            if asked.kind == "answerable":
                answer, _, number = asked.reply.rpartition(" [")
                assert answer in reading.passages[int(number.rstrip("]")) - 1].text
                cited += 1
            else:
                assert asked.reply == "I don't know"
    assert cited > 50


def test_a_question_of_another_paragraph_is_refused_only_if_its_answer_is_not_shown(source, tmp_path):
    make([source], tmp_path / "data", replace(RECIPE, rivals=0))
    answers = {
        qa["question"]: qa["answers"][1]["text"]
        for article in squad()["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
        if qa["answers"]
    }
    for reading in load(tmp_path / "data").train:
        shown = " ".join(passage.text for passage in reading.passages)
        near = [asked for asked in reading.asked if asked.kind == "same-article"]
        assert all(answers[asked.question] not in shown for asked in near)


def test_rules_with_limits_are_asked_as_they_are(source, tmp_path):
    make([source], tmp_path / "data", replace(WHOLE, tables=0, rivals=20, swapped=1, substituted=1))
    rules = [r for r in load(tmp_path / "data").train if any(" by " in p.text for p in r.passages)]
    asked = [asked for reading in rules for asked in reading.asked if "y whom" in asked.question]
    # "below" instead of "above" has an answer as well.
    assert {each.kind for each in asked} == {"answerable"}
    assert len(asked) == 60


def test_the_same_sources_recipe_and_seed_make_the_same_dataset(source, tmp_path):
    first, second = (make([source], tmp_path / name, RECIPE)["hash"] for name in ("a", "b"))
    third = make([source], tmp_path / "c", replace(RECIPE, seed=8))["hash"]
    assert first == second != third


def test_a_dataset_is_never_overwritten(source, tmp_path):
    make([source], tmp_path / "data", RECIPE)
    with pytest.raises(BadPlace, match="never changed"):
        make([source], tmp_path / "data", RECIPE)


def test_a_dataset_changed_by_hand_is_not_loaded(source, tmp_path):
    make([source], tmp_path / "data", RECIPE)
    with (tmp_path / "data" / "train.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(BadDataset, match="changed after the build"):
        load(tmp_path / "data")


def _odd(**told):
    row = {"question": "Where?", "answers": ["Turku"], "passages": ["In Turku."], "answerable": True}
    return json.dumps(row | told).encode()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.json", b"{", "not readable"),
        ("rows.json", b"[1, 2]", "lacks or misspells"),
        ("rows.jsonl", b'{"question": "why?"}\n', "answerable"),
        ("rows.jsonl.gz", b"not gzip", "not readable"),
        ("rows.jsonl.gz", gzip.compress(b"{}" * 99)[:-9] + b"\0" * 9, "not readable"),
        ("rows.jsonl", _odd(answers="Turku"), "row 1: 'answers' must be a list"),
        ("rows.jsonl", _odd(passages=[1]), "row 1: 'passages' must be a list"),
        ("rows.jsonl", _odd(answerable="false"), "row 1: 'answerable' must be true or false"),
        ("rows.jsonl", _odd(question=None), "row 1: 'question' must be a string"),
        ("rows.jsonl", b"\xff\xfe", "not readable"),
    ],
)
def test_a_bad_source_is_named_and_leaves_nothing_behind(tmp_path, name, content, message):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BadSource, match=message):
        make([file], tmp_path / "data", RECIPE)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_json_lines_are_read_and_titles_that_name_nothing_group_nothing(tmp_path):
    rows = [
        {"question": "Where is it?", "answers": ["in Turku."], "passages": ["It is in Turku. Really."],
         "answerable": True, "title": title}
        for title in ("Amazon_Reviews_1", None, "Turku", "Pumps")
    ]  # fmt: skip
    file = tmp_path / "rows.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    make([file], tmp_path / "data", replace(WHOLE, tables=0, swapped=0, rivals=0))
    headings = {p.heading for r in load(tmp_path / "data").train for p in r.passages}
    assert headings <= {"", "Turku", "Pumps"}


@pytest.mark.parametrize(
    ("answers", "learnt"),
    [
        (["EUR 450", "450", "EUR 450"], "EUR 450"),
        (["in 2004", "2004"], "2004"),
        (["2004", "in the year 2004", "in 2004."], "in 2004"),
        (["Canada won in 2004.", "Canada won in 2004"], "Canada won in 2004"),
        (["x" * 161], None),
        ([], None),
    ],
)
def test_the_answer_learnt_is_what_most_wrote_or_else_of_middling_length(answers, learnt):
    assert agreed(answers) == learnt


def test_the_manifest_tells_what_a_dataset_is_made_of(source, tmp_path):
    manifest = make([source], tmp_path / "data", RECIPE)
    told = manifest["balance"]
    assert told["sources"] == {"squad.json": 1.0}
    assert (told["documents"], told["unanswerable"]) == (3, 0.5)
    assert told["largest_documents"] == {"Turku": 0.3333, "Gothenburg": 0.3333, "Pumps": 0.3333}
    assert told["answer_words"] == {"median": 1, "p95": 1}
    kinds = manifest["questions"]
    refused = sum(count for kind, count in kinds.items() if kind != "answerable")
    assert told["refused"] == pytest.approx(refused / sum(kinds.values()), abs=1e-4)
    assert manifest["splits"]["train"] == {
        "documents": 3,
        "examples": 72,
        "readings": manifest["readings"],
    }


def test_each_side_is_composed_of_its_own_passages(source, tmp_path):
    make([source], tmp_path / "data", Recipe(validation=0.4, test=0.5))
    built = load(tmp_path / "data")
    sides = [
        {p.text for r in side for p in r.passages} for side in (built.train, built.validation, built.test)
    ]
    assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]
    assert sum(map(bool, sides)) >= 2


def row(number, **more):
    text = f"Works {number} was founded in {1900 + number} by the river {number * 7}."
    told = {
        "question": f"When was works {number} founded?",
        "answers": [str(1900 + number)],
        "passages": [text],
    }
    return told | {"answerable": True} | more


def asked(out):
    return [
        asked.question for reading in load(out).train for asked in reading.asked if asked.kind == "answerable"
    ]


@pytest.mark.parametrize(("loose", "count"), [(1.0, 30), (0.5, 15), (0.0, 0)])
def test_passages_without_a_title_are_learnt_from_too(tmp_path, loose, count):
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row(number)) for number in range(30)))
    make([tmp_path / "rows.jsonl"], tmp_path / "data", replace(WHOLE, loose=loose, tables=0, rivals=0))
    assert len(asked(tmp_path / "data")) == count


def test_what_users_rated_is_always_taken_and_more_often(tmp_path):
    common = [
        row(1, question=f"In which year, says source {n}, was it founded?", title="Works") for n in range(20)
    ]
    rated = row(1, title="Works", source="feedback")
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, [*common, rated])))
    make([tmp_path / "rows.jsonl"], tmp_path / "data", replace(WHOLE, emphasis=3, tables=0, rivals=0))
    assert asked(tmp_path / "data").count("When was works 1 founded?") == 3
    assert len(asked(tmp_path / "data")) == 3 * (5 + 1)
