"""Systems with one part out of order: the gate stops each, and the report names what got worse.

All but the base model's are the demo company with a model that quotes: what is measured is everything else.
"""

from dataclasses import replace

import pytest

from ingest.access import access_filter
from ingest.library import Library
from service.adapters import AdapterRegistry
from service.engines import open_engines
from tests.journeys.evaluated_house import QUESTIONS, asking, house, index, opened, quoting, sampled

NIGHTS = 20
ENGINES = "service.wiring.open_engines"
NO_RAILS = 'name: none\nmessage: "Stopped."\nstages: {}\n'


@pytest.fixture(scope="module")
def patched():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINES, quoting())
        yield patch


@pytest.fixture(scope="module")
def talvio(tmp_path_factory, patched):
    made = house(tmp_path_factory.mktemp("talvio"), sampled(8))
    index(made.settings)
    return made


@pytest.fixture(scope="module")
def sound(talvio):
    return talvio.run("sound")


@pytest.fixture(scope="module")
def brief(talvio, tmp_path_factory):
    """The same house with fewer questions, for what takes long."""
    return asking(talvio, sampled(3), tmp_path_factory.mktemp("brief"))


def worse_prompt(patch, _):
    patch.setattr("service.prompts.passage_block", lambda sources: "\n".join(each.text for each in sources))


def broken_retriever(patch, _):
    search = Library.search

    def wrong(self, principal, query, k, **more):
        return search(self, principal, query, 10 * k, **more)[-k:]

    patch.setattr(Library, "search", wrong)


def rails_off(patch, folder):
    policy = folder / "none.yaml"
    policy.write_text(NO_RAILS)
    patch.setenv("PLUMBLINE_GUARDRAILS__POLICY", str(policy))


def access_bypassed(patch, _):
    patch.setattr("ingest.edge.access_filter", lambda asker: replace(access_filter(asker), groups=None))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "named", "changed"),
    [
        (worse_prompt, "citation_precision", "prompt"),
        (broken_retriever, "recall@10", None),
        (rails_off, "block_rate", "policy"),
        (access_bypassed, "leaks", None),
    ],
)
def test_a_part_out_of_order_is_caught_and_named(talvio, sound, tmp_path, fault, named, changed):
    with pytest.MonkeyPatch.context() as patch:
        fault(patch, tmp_path)
        broken = talvio.run(fault.__name__)
    judgement = talvio.judged(broken, sound)
    assert not judgement.passed
    assert named in {verdict.metric for verdict in judgement.regressions}
    assert changed is None or changed in judgement.changed
    report = (broken / "report.md").read_text()
    assert named in report or named.replace("_", " ") in report


@pytest.mark.slow
def test_a_slow_engine_is_caught_and_named(brief):
    fast = brief.run("fast")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINES, quoting(delay=0.5))
        slow = brief.run("slow")
    named = {verdict.metric for verdict in brief.judged(slow, fast).regressions}
    assert {"first_token_ms", "total_ms"} <= named <= {"first_token_ms", "total_ms", "tokens_per_second"}


@pytest.mark.slow
def test_a_system_that_nobody_touched_passes_night_after_night(brief):
    with opened(brief.settings) as parts:
        first = brief.evaluated(parts, "first")
        for night in range(NIGHTS):
            judgement = brief.judged(brief.evaluated(parts, f"night-{night}"), first)
            assert judgement.passed, judgement.regressions


@pytest.mark.slow
@pytest.mark.models
def test_the_base_model_in_the_adapters_place_is_caught_and_named(tmp_path, monkeypatch):
    talvio = house(tmp_path, [each for each in sampled(8) if each.kind == "factual"], max_tokens=32)
    index(talvio.settings)
    base = AdapterRegistry(talvio.settings.adapters, talvio.settings.model).base
    monkeypatch.setattr(ENGINES, open_engines)
    with opened(talvio.settings) as parts:
        adapter, without = talvio.evaluated(parts, "adapter"), talvio.evaluated(parts, "base", base)
    judgement = talvio.judged(without, adapter)
    assert {"answer_f1", "citation_precision"} & {verdict.metric for verdict in judgement.regressions}
    assert "adapter" in judgement.changed


def test_the_demo_has_questions_of_all_kinds():
    assert len(sampled(1)) >= 9
    assert QUESTIONS.exists()
