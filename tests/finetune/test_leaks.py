import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.datasets.clean import clean
from finetune.datasets.cleaning.leaks import Leaks
from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import Example, read_examples
from finetune.datasets.gathering import Gathered, named
from finetune.datasets.held_out import HeldOut, read_held_out
from finetune.datasets.recipe import Recipe
from finetune.errors import BadSource, Poisoned
from tests.finetune.making import SMALL, make, means

WORD = st.sampled_from(
    [f"{a}{b}" for a in ("ka", "lo", "mi", "nu", "re") for b in ("dan", "fer", "gost", "lim")]
)
TEXT = st.lists(WORD, min_size=20, max_size=60).map(" ".join)
QUESTION = st.lists(WORD, min_size=3, max_size=12).map(lambda found: " ".join(found) + "?")
SET = HeldOut(
    "dev.json",
    "0",
    ("Who built the bridge over the Aura?",),
    ("The bridge was built in 1899 by Wickström of Turku, an engineer.",),
)


def example(
    question="When was the works founded?", passage="The works was founded in 1907 in Pori by two brothers."
):
    return Example("a.jsonl", "", "Works", "", passage, question, None)


def leaked(held_out, found):
    return Leaks([held_out]).clean([found], Tally("leaks", 1)) == []


@pytest.mark.parametrize(
    ("found", "leaks"),
    [
        (example(), False),
        (example(question="who built  the Bridge, over the Aura"), True),
        (example(question="Who built the bridge over the Kemi?"), False),
        (example(passage="THE BRIDGE was built in 1899 by Wickström of Turku: an engineer!"), True),
        (example(passage="Old. The bridge was built in 1899 by Wickström of Turku, an engineer. So."), True),
        (example(passage="The bridge was built in 1900, and by whom nobody in Turku can tell."), False),
    ],
)  # fmt: skip
def test_what_is_held_out_is_found_again_whatever_stands_around_it(found, leaks):
    assert leaked(SET, found) is leaks


@settings(deadline=None, max_examples=50)
@given(question=QUESTION, passage=TEXT, before=TEXT, after=TEXT, data=st.data())
def test_any_planted_row_is_found(question, passage, before, after, data):
    held_out = HeldOut("dev", "0", (question,), (passage,))
    shout = data.draw(st.sampled_from([str.upper, str.title, lambda text: text.replace(" ", ",\n ")]))
    assert leaked(held_out, example(question=shout(question), passage=before))
    assert leaked(held_out, example(passage=f"{before} {shout(passage)} {after}"))
    words = passage.split()
    assert leaked(held_out, example(passage=" ".join(words[: len(words) // 2 + 7])))


@settings(deadline=None, max_examples=50)
@given(passage=TEXT)
def test_other_words_never_leak(passage):
    assert not leaked(SET, example(passage=passage))


def rows(count, leaking):
    good = [example(f"When was the works number {n} founded?") for n in range(count - leaking)]
    bad = [example(f"Who built bridge {n}?", SET.passages[0]) for n in range(leaking)]
    return good + bad


def test_what_leaks_is_left_out_and_counted_by_set():
    clean_set = replace(SET, name="other.json", questions=("Why?",), passages=())
    done = clean([Gathered("a.jsonl", "questions", "", rows(20, 4))], Recipe(), means([SET, clean_set]))
    assert len(done.examples) == 16
    assert [each["dropped"] for each in done.held_out] == [{"passage": 4}, {}]
    step = next(step for step in done.steps if step["step"] == "decontamination")
    assert step == {
        "step": "decontamination",
        "examples": 20,
        "dropped": {"passage of dev.json": 4},
        "changed": {},
    }


def test_a_file_that_leaks_too_much_is_refused_by_name_and_count():
    gathered = [Gathered("a.jsonl", "questions", "", rows(20, 5))]
    with pytest.raises(Poisoned, match=r"a\.jsonl.*5 of 20 questions \(5 passage of dev\.json\)"):
        clean(gathered, Recipe(), means([SET]))
    assert len(clean(gathered, Recipe(tolerated=0.25), means([SET])).examples) == 15


def lines(path, count, leaking):
    """A file of `count` questions, some of which leak, in a folder of its own."""
    path.parent.mkdir()
    told = [(each.question, each.passage) for each in rows(count, leaking)]
    asked = [(f"In the {path.parent.name}: {question}", text) for question, text in told]
    rest = {"answers": ["was"], "answerable": True}
    path.write_text("\n".join(json.dumps({"question": q, "passages": [text], **rest}) for q, text in asked))
    return path


def test_files_of_one_name_are_counted_each_on_its_own(tmp_path):
    one, other = (
        lines(tmp_path / folder / "rows.jsonl", 20, bad) for folder, bad in (("north", 0), ("south", 5))
    )
    with pytest.raises(Poisoned, match=r"^south/rows\.jsonl: .* 5 of 20 questions"):
        make([one, other], tmp_path / "data", held_out=[SET])
    lax = replace(SMALL, tolerated=0.5)
    manifest = make([one, other, one], tmp_path / "data", lax, held_out=[SET])
    names = ["north/rows.jsonl", "south/rows.jsonl", "north/rows.jsonl"]
    assert [source["name"] for source in manifest["sources"]] == names
    sources = {example.source for example in read_examples(tmp_path / "data" / "examples.jsonl")}
    assert sources == {*names}


def test_a_file_is_not_trusted_for_being_called_as_what_is_drawn(tmp_path):
    drawn = Gathered("corpus", "corpus", "", rows(20, 0), drawn=True)
    found = named([drawn, Gathered(str(tmp_path / "a" / "corpus"), "questions", "", rows(20, 19))])
    assert [each.name for each in found] == ["corpus", "a/corpus"]
    with pytest.raises(Poisoned, match=r"^a/corpus: .* 19 of 19"):
        clean(found, Recipe(), means([SET]))


def test_what_was_drawn_from_the_index_may_share_questions_which_are_left_out():
    drawn = [replace(each, source="corpus") for each in rows(20, 19)]
    gathered = Gathered("corpus", "corpus", "", drawn, drawn=True)
    assert len(clean([gathered], Recipe(), means([SET])).examples) == 1


def squad(path: Path, count=6):
    asked = [
        {"id": str(n), "question": f"What is number {n} of the list?", "answers": [{"text": f"item {n}"}]}
        for n in range(count)
    ]
    text = "The list has " + ", ".join(f"item {n}" for n in range(count)) + ", and nothing else in it at all."
    path.write_text(
        json.dumps({"data": [{"title": "List", "paragraphs": [{"context": text, "qas": asked}]}]})
    )
    return path


def test_a_dataset_is_not_built_of_an_evaluation_set(tmp_path):
    source, held_out = squad(tmp_path / "train.json"), squad(tmp_path / "dev.json")
    with pytest.raises(Poisoned, match=r"train\.json.*6 of 6"):
        make([source], tmp_path / "data", held_out=[read_held_out(held_out)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dev.json", "train.json"]


def test_a_collection_for_retrieval_can_be_held_out(tmp_path):
    for name, told in (
        ("corpus", {"_id": "d", "title": "", "text": "It is so."}),
        ("queries", {"_id": "q", "text": "Why is it so?"}),
        ("qrels", {"query_id": "q", "corpus_id": "d", "score": 1}),
    ):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(told) + "\n")
    assert read_held_out(tmp_path).questions == ("Why is it so?",)


@pytest.mark.parametrize(
    ("name", "content", "counts"),
    [
        ("dev.json", None, (6, 1)),
        ("eval.jsonl", '{"id":"1","question":"Why is it so?","answers":["so"]}\n', (1, 0)),
        ("rows.jsonl", '{"question":"Why?","answers":[],"passages":["So."],"answerable":false}\n', (1, 1)),
        ("table.csv", "id,question,answers\n1,Why is it so?,so\n", (1, 0)),
    ],
)  # fmt: skip
def test_any_evaluation_set_can_be_held_out(tmp_path, name, content, counts):
    file = tmp_path / name
    if content is None:
        squad(file)
    else:
        file.write_text(content)
    found = read_held_out(file)
    assert (len(found.questions), len(found.passages)) == counts
    assert found.listing()["name"] == name


def test_the_held_out_side_of_a_dataset_can_be_held_out_of_another(tmp_path):
    make([squad(tmp_path / "list.json")], tmp_path / "data", Recipe(test=1, validation=0, tables=0, rivals=0))
    assert len(read_held_out(tmp_path / "data").questions) == 6


def test_a_held_out_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "bad.jsonl").write_text("{")
    with pytest.raises(BadSource, match=r"bad\.jsonl"):
        read_held_out(tmp_path / "bad.jsonl")
