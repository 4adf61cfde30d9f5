import stat

from guardrails import shingles
from ingest.fingerprint import KEY_FILE, Fingerprint, Seal

TEXT = "The monthly salary of an H2 hardware engineer is EUR 4,480."


def test_a_fingerprint_is_eight_bytes_a_shingle_in_ascending_order():
    made = Seal(b"key").fingerprint(TEXT)
    assert len(made.hashes) == 8 * len(shingles.kept(TEXT))
    hashes = list(Fingerprint.read(made.hashes))
    assert hashes == sorted(hashes)


def test_what_is_looked_for_is_sealed_as_what_is_kept_is():
    seal, values = Seal(b"key"), sorted(shingles.kept(TEXT))
    assert sorted(seal.hashes(values)) == list(Fingerprint.read(seal.fingerprint(TEXT).hashes))
    assert len(seal.hashes([])) == 0


def test_fingerprints_of_two_keys_have_nothing_in_common_and_tell_nothing_of_the_words():
    first, second = Seal(b"first").fingerprint(TEXT), Seal(b"second").fingerprint(TEXT)
    assert first.recipe != second.recipe
    assert not set(Fingerprint.read(first.hashes)) & set(Fingerprint.read(second.hashes))
    assert not set(Fingerprint.read(first.hashes)) & shingles.kept(TEXT)


def test_the_key_of_a_folder_is_made_once_and_for_its_owner_alone(tmp_path):
    first = Seal.kept(tmp_path / "home")
    assert Seal.kept(tmp_path / "home").recipe == first.recipe
    assert Seal.kept(tmp_path / "other").recipe != first.recipe
    assert stat.S_IMODE((tmp_path / "home" / KEY_FILE).stat().st_mode) == 0o600


def test_another_kind_of_shingles_is_another_recipe(monkeypatch):
    before = Seal(b"key").recipe
    monkeypatch.setattr(shingles, "VERSION", "next")
    assert Seal(b"key").recipe != before
