"""Test sets of other makes become ours; what is wrong with one is named with its place."""

import json

import pytest

from eval.errors import BadQuestions
from eval.importing import load

SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Bees",
            "paragraphs": [
                {
                    "context": "A hive has one queen.",
                    "qas": [
                        {
                            "id": "q1",
                            "question": "How many queens?",
                            "answers": [
                                {"text": "one", "answer_start": 11},
                                {"text": "one", "answer_start": 11},
                            ],
                            "is_impossible": False,
                        },
                        {
                            "id": "q2",
                            "question": "How many kings?",
                            "answers": [],
                            "plausible_answers": [{"text": "one", "answer_start": 11}],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ],
}


@pytest.fixture
def write(tmp_path):
    def one(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            content if isinstance(content, str) else "".join(f"{json.dumps(c)}\n" for c in content)
        )
        return path

    return one


def test_squad_keeps_what_is_impossible_apart(write):
    name, [answerable, impossible] = load(write("dev.json", json.dumps(SQUAD)))
    assert name == "squad"
    assert (answerable.id, answerable.answers, answerable.kind) == ("q1", ("one",), "factual")
    assert (impossible.answerable, impossible.answers, impossible.kind) == (False, (), "unanswerable")


@pytest.mark.parametrize(
    ("judged", "content"),
    [
        ("qrels.tsv", "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t0\n1\td3\t1\n3\td1\t1\n"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td3\t1\n"),
        (
            "qrels.jsonl",
            [
                {"query_id": 1, "corpus_id": "d1", "score": 1},
                {"query_id": "1", "corpus_id": "d3", "score": 1},
            ],
        ),
    ],
)
def test_beir_names_the_relevant_documents(write, judged, content):
    queries = write("queries.jsonl", [{"_id": "1", "text": "Why?"}, {"_id": "2", "text": "Unjudged?"}])
    write(judged, content)
    name, [question] = load(queries.parent)
    assert (name, question.id, question.documents, question.answers) == ("beir", "1", ("d1", "d3"), ())


@pytest.mark.parametrize(
    ("row", "answers", "kind"),
    [
        ({"user_input": "Q", "reference": "A", "reference_contexts": ["c"]}, ("A",), "factual"),
        ({"question": "Q", "ground_truth": "A", "contexts": ["c"]}, ("A",), "factual"),
        ({"question": "Q", "ground_truths": ["A", "B"]}, ("A", "B"), "factual"),
        (
            {"user_input": "Q", "reference": "A", "synthesizer_name": "multi_hop_abstract_query_synthesizer"},
            ("A",),
            "multi_passage",
        ),
    ],
)
def test_ragas_of_all_ages_is_read(write, row, answers, kind):
    name, [question] = load(write("testset.jsonl", [row]))
    assert (name, question.question, question.answers, question.kind) == ("ragas", "Q", answers, kind)


def test_ragas_is_read_from_csv(write):
    path = write("testset.csv", 'user_input,reference_contexts,reference\n"Why, then?","[\'c\']",Because\n')
    name, [question] = load(path)
    assert (name, question.question, question.answers) == ("ragas", "Why, then?", ("Because",))


def test_csv_has_our_fields_as_columns(write):
    path = write(
        "own.csv",
        "id,question,answers,answerable,documents,groups,kind\n"
        "a,How long?,ten years | 10 years,true,terms.html|faq.html,hr,table\n"
        ",Who?,,no,,,unanswerable\n",
    )
    name, [first, second] = load(path)
    assert name == "csv"
    assert first.answers == ("ten years", "10 years")
    assert (first.documents, first.groups, first.kind) == (("terms.html", "faq.html"), ("hr",), "table")
    assert (second.id[:4], second.answerable, second.groups) == ("csv-", False, None)


def test_rated_answers_become_the_users_own_questions(write):
    row = {
        "question": "Q",
        "passages": ["p"],
        "source": "feedback",
        "title": "T",
        "feedback": {"rating": "up"},
    }
    rows = [row | {"id": "1", "answers": ["A"], "answerable": True}, row | {"id": "2", "answers": []}]
    name, [right, refused] = load(write("export.jsonl", rows))
    assert name == "feedback"
    assert (right.kind, right.source, right.answers, right.reviewed) == ("user", "feedback", ("A",), False)
    assert not refused.answerable


def test_files_in_our_own_layout_are_read_too(write):
    row = {"id": "1", "question": "Q", "answers": ["A"], "topic": "left out"}
    name, [question] = load(write("other.jsonl", [row]))
    assert (name, question.answers) == ("jsonl", ("A",))


BAD = [
    ("a.json", "{", None, "cannot be read as JSON"),
    ("a.json", json.dumps({"data": [{"paragraphs": 1}]}), None, "article 1: no list 'paragraphs'"),
    ("a.jsonl", '{"user_input": "Q"}\n', None, "line 1: no column reference or ground_truth"),
    ("a.jsonl", '{"user_input": "", "reference": "A"}\n', None, "line 1, column user_input: holds no text"),
    ("a.jsonl", '{"text": "Q"}\n', None, "cannot be told .its first row has text.; give --format"),
    ("a.csv", "question,answerable\nQ,perhaps\n", None, "line 2, column answerable: 'perhaps' is neither"),
    ("a.csv", "question,anwers\nQ,A\n", None, "line 2: no field is named 'anwers'"),
    ("a.csv", "question,kind\nQ,silly\n", None, "line 2, column kind"),
    ("a.csv", "question\nQ,A\n", None, "line 2: more cells than"),
    ("a.csv", "id,question\n1,Q\n1,R\n", None, "the id '1' occurs twice"),
    ("a.csv", "question\n", None, "holds no question in the format csv"),
    ("a.csv", "question\nQ\n", "xml", "no format 'xml'; use one of squad, beir"),
    ("a.jsonl", '{"id": "1", "question": "Q"}\n', "feedback", "line 1: not a rated answer"),
]


@pytest.mark.parametrize(("name", "content", "kind", "told"), BAD)
def test_what_is_wrong_is_named_with_its_place(write, name, content, kind, told):
    with pytest.raises(BadQuestions, match=told):
        load(write(name, content), kind)


def test_a_folder_without_judgements_is_told_what_is_missing(write):
    queries = write("queries.jsonl", [{"_id": "1", "text": "Why?"}])
    with pytest.raises(BadQuestions, match="no relevance judgements"):
        load(queries.parent)
    write("qrels.tsv", "query-id\tcorpus-id\tscore\n1\td\tmuch\n")
    with pytest.raises(BadQuestions, match=r"qrels\.tsv, line 2, column score: 'much' is not a number"):
        load(queries.parent)
    with pytest.raises(BadQuestions, match="no such file"):
        load(queries.parent / "nothing")
