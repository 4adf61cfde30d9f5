"""Our own test sentences: as many as promised, no two alike, and nobody trains on them."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from eval.rails.texts import WRITTEN, identities, rows, written

ROOT = Path(__file__).parents[2]
TRAINING = sorted((ROOT.parent / "shared/data/guard").glob("*/train.jsonl*"))


def plain(text):
    """Letters and digits alone: what two spellings of one sentence have in common."""
    return re.sub(r"\W+", " ", text).strip().casefold()


def ours():
    sets = [written(name) for name in ("trigger_words", "innocent", "stereotypes")]
    return [each.text for texts in (*sets, identities()) for each in texts]


@pytest.mark.parametrize(("name", "count"), [("trigger_words", 300), ("innocent", 200), ("stereotypes", 160)])
def test_each_set_is_as_large_as_promised(name, count):
    texts = written(name)
    assert len({each.id for each in texts}) == len(texts) == count


def test_half_of_the_sentences_about_groups_are_stereotypes():
    assert Counter(each.violation for each in written("stereotypes")) == {True: 80, False: 80}
    assert not any(each.violation for name in ("trigger_words", "innocent") for each in written(name))


def test_every_group_of_people_is_named_in_the_same_sixty_sentences():
    counts = Counter(each.kind for each in identities())
    assert len(counts) >= 12
    assert set(counts.values()) == {60}


def test_no_two_sentences_are_alike():
    texts = Counter(map(plain, ours()))
    assert [text for text, count in texts.items() if count > 1] == []


def test_telling_words_are_spread_over_domains_lengths_and_languages():
    told = rows(WRITTEN / "trigger_words.jsonl")
    assert len({row["domain"] for row in told}) >= 15
    assert {"en", "de", "fr", "es"} <= {row["language"] for row in told}
    lengths = [len(row["text"].split()) for row in told]
    assert min(lengths) >= 5
    assert max(lengths) > 40
    assert max(Counter(row["trigger"] for row in told).values()) < 30


def test_look_alikes_are_spread_over_domains():
    told = rows(WRITTEN / "innocent.jsonl")
    assert len({row["domain"] for row in told}) >= 15
    assert len({row["looks_like"] for row in told}) >= 15


def test_no_sentence_stands_in_what_is_trained_on_here():
    sources = " ".join(
        plain(file.read_text(encoding="utf-8"))
        for file in sorted((ROOT / "finetune").rglob("*"))
        if file.suffix in {".py", ".txt", ".jsonl", ".json", ".yaml", ".toml"}
    )
    policies = " ".join(plain(file.read_text()) for file in (ROOT / "guardrails/policies").glob("*.yaml"))
    assert sources
    assert [text for text in ours() if plain(text) in sources or plain(text) in policies] == []


@pytest.mark.skipif(not TRAINING, reason="the public data is not beside the checkout")
def test_no_sentence_stands_in_public_training_rows():
    mine = {plain(text): text for text in ours()}
    for file in TRAINING:
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as lines:
            rows_read = [json.loads(line) for line in lines]
        texts = {plain(str(row.get(field, ""))) for row in rows_read for field in ("text", "response")}
        assert [mine[text] for text in mine.keys() & texts] == [], file
