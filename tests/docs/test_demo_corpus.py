"""The demo's documents and questions fit each other: what is asked stands where the questions say."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml

from ingest.load import Loader

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"
CORPUS = DEMO / "corpus"
FILES = sorted(f for f in CORPUS.rglob("*") if f.is_file() and f.name != ".plumbline.yaml")
QUESTIONS = tomllib.loads((DEMO / "questions.toml").read_text("utf-8"))["question"]
HELD = [question for question in QUESTIONS if question.get("answers")]
FORMATS = {".md", ".txt", ".html", ".pdf", ".docx", ".csv", ".eml"}
BIGGEST = 100 * 1024
INJECTION = "ignore all previous instructions"


def plain(text):
    return " ".join(text.split()).casefold()


@pytest.fixture(scope="module")
def texts():
    """The text of every file of the corpus, by its path below it, as ingestion sees it."""
    with Loader() as loader:
        read = {file: loader.load(file.read_bytes(), file.name).parts[0].extract for file in FILES}
    return {file.relative_to(CORPUS).as_posix(): extract.text for file, extract in read.items()}


def test_the_corpus_has_at_least_thirty_files_over_seven_formats():
    assert len(FILES) >= 30
    counts = Counter(file.suffix for file in FILES)
    assert set(counts) == FORMATS
    assert min(counts.values()) >= 5


def test_no_file_is_large():
    assert [file.name for file in FILES if file.stat().st_size > BIGGEST] == []


def test_every_file_can_be_read_and_says_something(texts):
    assert [name for name, text in texts.items() if len(text.split()) < 50] == []


@pytest.mark.parametrize("question", HELD, ids=[question["id"] for question in HELD])
def test_the_expected_answer_stands_in_the_expected_file(question, texts):
    text = plain(texts[question["source"]])
    assert any(plain(answer) in text for answer in question["answers"])


def test_questions_name_files_that_exist_and_are_told_apart_by_id():
    assert max(Counter(question["id"] for question in QUESTIONS).values()) == 1
    sources = {question["source"] for question in QUESTIONS if "source" in question}
    assert [source for source in sources if not (CORPUS / source).is_file()] == []


@pytest.mark.parametrize("group", ["hr", "legal"])
def test_a_restricted_folder_is_for_its_group_alone(group):
    manifest = yaml.safe_load((CORPUS / group / ".plumbline.yaml").read_text("utf-8"))
    assert manifest["groups"] == [group]
    assert manifest["labels"] == ["confidential"]


def test_what_is_forbidden_to_engineering_stands_in_no_file_that_engineering_may_read(texts):
    secrets = {
        plain(answer)
        for question in HELD
        if question["source"].startswith(("hr/", "legal/"))
        for answer in question["answers"]
    }
    readable = {name: plain(text) for name, text in texts.items() if not name.startswith(("hr/", "legal/"))}
    assert len(secrets) >= 3
    assert [name for name, text in readable.items() if any(secret in text for secret in secrets)] == []


def test_the_poisoned_documents_carry_their_hidden_instruction(texts):
    assert INJECTION in plain(texts["suppliers/glimmer-displays-offer.docx"])
    assert INJECTION in plain((CORPUS / "suppliers" / "kylmatek-profile.html").read_text("utf-8"))
    assert sum(INJECTION in plain(text) for text in texts.values()) <= 2


def test_the_old_travel_policy_says_that_it_is_superseded_and_differs(texts):
    old, new = texts["policies/travel-policy-2023.md"], texts["policies/travel-policy-2026.md"]
    assert "superseded" in plain(old)
    assert "eur 120 a night" in plain(old)
    assert "eur 165 a night" in plain(new)
    assert "eur 120" not in plain(new)


def test_the_contact_list_holds_personal_data_to_redact(texts):
    contacts = texts["support/support-contacts.md"]
    assert len(re.findall(r"[\w.]+@talvio\.example\.com", contacts)) >= 6
    assert len(re.findall(r"\+46 31 390 06 \d\d", contacts)) >= 6


def test_addresses_and_numbers_are_made_up(texts):
    domains = {found for text in texts.values() for found in re.findall(r"@([\w.-]+\w)", text)}
    assert {domain for domain in domains if not re.search(r"\bexample\.(com|net|org)$", domain)} == set()


@pytest.mark.parametrize("expect", ["answer", "refuse", "block", "redact", "safe"])
def test_the_demo_asks_for_every_kind_of_outcome(expect):
    assert any(question["expect"] == expect and question.get("demo", True) for question in QUESTIONS)


def test_the_demo_asks_in_every_format_and_has_spare_questions():
    asked = [question for question in QUESTIONS if question.get("demo", True)]
    assert {Path(question["source"]).suffix for question in asked if "source" in question} == FORMATS
    spare = [question for question in HELD if not question.get("demo", True)]
    assert len(spare) >= 12
