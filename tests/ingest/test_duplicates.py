import random

import pytest

from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.commands import run
from ingest.documents import document_id
from ingest.errors import Misuse
from ingest.fingerprint import Seal
from ingest.record import Record
from ingest.resemblance import signature, similarity
from tests.postgres import BOTH

ADMIN = Principal.administrator("acme")
SEAL = Seal(b"key")


def prose(count, seed=1, changed=0):
    """Words that stand beside each other nowhere else; with `changed` of them others."""
    numbers = random.Random(seed)  # noqa: S311  # not for secrets
    words = ["".join(numbers.choices("bcdfghklmnprstvw", k=5)) for _ in range(count)]
    for place in range(changed):
        words[place * count // changed] = f"other{chr(97 + place)}"
    return " ".join(words)


def record(uri, text, groups=(), tenant="acme"):
    return Record(
        document_id(tenant, uri), uri, uri, f"v {tenant} {uri}", "Title", str(hash(text)),
        Access.of(tenant, groups), 1, "2026-01-01T00:00:00+00:00", text=text,
        fingerprint=SEAL.fingerprint(text),
    )  # fmt: skip


def groups(catalog, principal=ADMIN, least=0.9):
    return [(group.uris, group.similarity == 1.0) for group in catalog.duplicates.groups(principal, least)]


@BOTH
def test_what_says_the_same_or_nearly_is_one_group(catalog: Catalog):
    catalog.publish(
        [
            record("a", prose(300)),
            record("b", prose(300)),
            record("c", prose(300, changed=2)),
            record("d", prose(300, seed=2)),
            record("e", prose(300, seed=2, changed=4)),
            record("f", prose(300, seed=3)),
            record("g", "Hi."),
            record("h", "Hi."),
        ]
    )
    assert groups(catalog) == [(("a", "b", "c"), False), (("d", "e"), False), (("g", "h"), True)]
    assert groups(catalog, least=1.0) == [(("a", "b"), True), (("g", "h"), True)]


@BOTH
def test_audiences_are_never_compared(catalog: Catalog):
    text = prose(300)
    catalog.publish(
        [
            record("a", text),
            record("b", text, ["hr"]),
            record("c", prose(300, changed=1), ["hr"]),
            record("d", text, ["hr", "it"]),
            record("a", text, tenant="other"),
        ]
    )
    assert groups(catalog) == [(("b", "c"), False)]
    assert groups(catalog, Principal("acme", "ada", frozenset({"hr"}))) == [(("b", "c"), False)]
    assert groups(catalog, Principal("acme", "bob", frozenset({"it"}))) == []
    assert groups(catalog, Principal("acme", "eve")) == []


def test_what_is_changed_or_removed_is_no_duplicate_any_more(catalog):
    text = prose(300)
    catalog.publish([record("a", text), record("b", text), record("c", text)])
    catalog.publish([record("a", prose(300, seed=9))])
    catalog.remove("acme", [record("c", text)])
    assert groups(catalog) == []


def test_the_command_shows_groups_and_refuses_to_look_for_what_it_would_not_find(folder, synced, tools):
    for name in ("one", "two"):
        (folder / f"{name}.txt").write_text(prose(300))
    synced(groups=["hr"])
    [group] = run(tools, "duplicates", {})["duplicates"]
    assert group == {"uris": [f"file://{folder}/{name}.txt" for name in ("one", "two")], "similarity": 1.0}
    assert run(tools, "duplicates", {"groups": ["it"]}) == {"duplicates": []}
    with pytest.raises(Misuse):
        run(tools, "duplicates", {"least": 0.5})


@pytest.mark.parametrize("changed", [0, 1, 5, 20, 100])
def test_a_signature_tells_how_much_two_texts_have_in_common(changed):
    one, other = (set(range(number, 2000 + number)) for number in (0, changed * 10))
    share = len(one & other) / len(one | other)
    made = [signature(_fingerprint(values)) for values in (one, other)]
    assert abs(similarity(made[0].minima, made[1].minima) - share) < 0.12
    assert len(made[0].bands) == 11


def test_a_text_without_shingles_has_no_signature():
    assert signature(SEAL.fingerprint("Hi.")) is None


def _fingerprint(values):
    hashes = sorted(SEAL._sealed(value) for value in values)  # noqa: SLF001  # hashes as a fingerprint has them
    return type(SEAL.fingerprint(""))(SEAL.recipe, b"".join(hashes))
