from tests.ingest.chaos import Chaos

SEED, TIMES = 20261130, 10


def test_a_sync_killed_at_any_instant_shows_nothing_half_and_the_next_run_completes_it(tmp_path):
    chaos = Chaos(tmp_path, SEED, real=False)
    assert [wrong for turn in range(TIMES) if (wrong := chaos.kill(turn))] == []
