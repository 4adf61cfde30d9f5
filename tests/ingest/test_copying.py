"""Copies of folders with holes."""

from ingest.copying import copy_folder


def test_a_copy_equals_its_source_and_takes_no_more_room(tmp_path):
    source = tmp_path / "source"
    (source / "below").mkdir(parents=True)
    (source / "empty").write_bytes(b"")
    (source / "below" / "full").write_bytes(b"words" * 1000)
    with (source / "holes").open("wb") as file:
        file.seek(30 * 2**20)
        file.write(b"in the middle")
        file.truncate(60 * 2**20)
    copy_folder(source, tmp_path / "copy")
    for name in ("empty", "below/full", "holes"):
        assert (tmp_path / "copy" / name).read_bytes() == (source / name).read_bytes()
    taken = (tmp_path / "copy" / "holes").stat().st_blocks
    assert taken == (source / "holes").stat().st_blocks
    assert taken * 512 < 2**20
