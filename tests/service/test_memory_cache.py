"""Answers are kept for a while, within bounds, and for nobody else."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from guardrails.verdict import FAILED, Action, Stage
from ingest.access import Principal, access_digest
from service.answer import Answer, Ask, Citation, Decision, Message, Sampling
from service.cache import NO_CACHE
from service.memory_cache import OVERHEAD, Limits, MemoryCache

ANNA = Principal("acme", "anna", frozenset({"hr"}))
CITATION = Citation(1, "c-1", "d-1", "file:///a.md", "A", "", None, 3, 9, "27 days", verified=True)
ANSWER = Answer("ans-1", "qa-1", "27 days [1]", "stop", (CITATION,), grounded=0.9)
LIMITS = Limits(seconds=60, entries=3, size=1_000_000)


class Bench:
    """A cache with its clock, its index and what it told."""

    def __init__(self, limits=LIMITS):
        self.now, self.generations, self.told = 0.0, {}, []
        self.cache = MemoryCache(
            lambda principal: str(self.generations.get(principal.tenant, 0)),
            limits,
            self.told.append,
            lambda: self.now,
        )

    def slot(self, question="How many days?", principal=ANNA, understood=None, **sampling):
        asked = Ask((Message("user", question),), sampling=Sampling(**sampling))
        return self.cache.slot(principal, asked, understood or question, "qa-1", "p-1")

    def keep(self, question="How many days?", answer=ANSWER, principal=ANNA):
        self.slot(question, principal).keep(answer)

    def knows(self, question="How many days?", principal=ANNA):
        return self.slot(question, principal).answer is not None


@pytest.fixture
def bench():
    return Bench()


def test_an_answer_is_found_by_whoever_asks_the_same_and_may_read_the_same(bench):
    bench.keep()
    assert bench.slot("how many  days", Principal("acme", "ben", frozenset({"hr"}))).answer == ANSWER
    assert bench.told == ["miss", "hit"]


def test_an_answer_ends_after_its_time_however_often_it_is_asked_for(bench):
    bench.keep()
    for bench.now in (30.0, 59.9):
        assert bench.knows()
    bench.now = 60.0
    assert not bench.knows()
    assert (len(bench.cache), bench.cache.size) == (0, 0)


def test_the_longest_unused_answer_goes_first(bench):
    for question in ("a", "b", "c"):
        bench.keep(question)
    assert bench.knows("a")
    bench.keep("d")
    assert [question for question in "abcd" if bench.knows(question)] == ["a", "c", "d"]


def test_answers_take_no_more_memory_than_they_may():
    bench = Bench(Limits(60, 1_000, 5 * OVERHEAD))
    for number in range(20):
        bench.keep(f"question {number}", replace(ANSWER, text="x" * 500))
        assert bench.cache.size <= 5 * OVERHEAD
    assert bench.knows("question 19")
    bench.keep("a long one", replace(ANSWER, text="x" * 6 * OVERHEAD))
    assert not bench.knows("a long one")
    assert bench.knows("question 19")


def test_an_answer_that_is_kept_twice_counts_once(bench):
    bench.keep()
    size = bench.cache.size
    bench.keep()
    assert (len(bench.cache), bench.cache.size) == (1, size)


BLOCKED = Decision("injection", Stage.PASSAGE, Action.BLOCK, "p-1", "an attack")
NOT_WORTH = {
    "cut by a rail": replace(ANSWER, finish_reason="content_filter"),
    "cut by its length": replace(ANSWER, finish_reason="length"),
    "refused": replace(ANSWER, refused=True),
    "without a citation": replace(ANSWER, citations=()),
    "made while a rail failed": replace(ANSWER, decisions=(replace(BLOCKED, label=FAILED),)),
    "itself a repetition": replace(ANSWER, repeats="ans-0"),
}


@pytest.mark.parametrize("answer", NOT_WORTH.values(), ids=NOT_WORTH)
def test_what_is_not_whole_and_sound_is_not_given_again(bench, answer):
    bench.keep(answer=answer)
    assert not bench.knows()


def test_a_passage_that_a_rail_rightly_left_out_is_no_fault(bench):
    bench.keep(answer=replace(ANSWER, decisions=(BLOCKED,)))
    assert bench.knows()


@pytest.mark.parametrize("given_", [{"understood": "How many days in Finland?"}, {"temperature": 0.5}])
def test_what_may_not_be_shared_is_neither_looked_for_nor_kept(bench, given_):
    bench.keep()
    slot = bench.slot(**given_)
    slot.keep(ANSWER)
    assert slot.answer is None
    assert bench.told[-1] == "bypass"
    assert len(bench.cache) == 1


def test_an_answer_that_was_begun_before_a_change_is_not_given_after_it(bench):
    slot = bench.slot()
    bench.generations["acme"] = 1
    slot.keep(ANSWER)
    assert not bench.knows()


def test_another_tenants_changes_leave_an_answer_where_it_is(bench):
    bench.keep()
    bench.generations["other"] = 5
    assert bench.knows()


def test_without_a_cache_nothing_is_known_or_kept():
    slot = NO_CACHE.slot(ANNA, Ask((Message("user", "Why?"),)), "Why?", "qa-1", "p-1")
    slot.keep(ANSWER)
    assert slot.answer is None


PRINCIPALS = st.builds(
    Principal,
    st.sampled_from(["a", "b"]),
    st.sampled_from(["anna", "ben"]),
    st.frozensets(st.sampled_from(["x", "y"])),
    every_group=st.booleans(),
)
QUESTIONS = st.sampled_from(["why", "Why?", "how", "HOW"])


class Askers(RuleBasedStateMachine):
    """Anybody asks anything, documents change, time goes on, the cache overflows."""

    def __init__(self):
        super().__init__()
        self.bench = Bench(Limits(10, 4, 40 * OVERHEAD))
        self.made, self.count = {}, 0

    @rule(principal=PRINCIPALS, question=QUESTIONS)
    def ask(self, principal, question):
        slot = self.bench.slot(question, principal)
        generation = self.bench.generations.get(principal.tenant, 0)
        if slot.answer is None:
            self.count += 1
            answer = replace(ANSWER, answer_id=f"ans-{self.count}")
            self.made[answer.answer_id] = (principal, generation, self.bench.now)
            slot.keep(answer)
            return
        asker, then, at = self.made[slot.answer.answer_id]
        assert asker.tenant == principal.tenant
        assert access_digest(asker) == access_digest(principal)
        assert (asker.every_group, asker.groups) == (principal.every_group, principal.groups) or (
            asker.every_group and principal.every_group
        )
        assert then == generation
        assert self.bench.now < at + 10

    @rule(tenant=st.sampled_from(["a", "b"]))
    def documents_change(self, tenant):
        self.bench.generations[tenant] = self.bench.generations.get(tenant, 0) + 1

    @rule(seconds=st.integers(1, 12))
    def time_goes_on(self, seconds):
        self.bench.now += seconds

    @invariant()
    def the_bounds_hold(self):
        assert len(self.bench.cache) <= 4
        assert self.bench.cache.size <= 40 * OVERHEAD


TestAskers = Askers.TestCase
TestAskers.settings = settings(deadline=None, max_examples=60, stateful_step_count=30)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 3_000), max_size=30))
def test_the_size_is_that_of_what_is_there(lengths):
    bench = Bench(Limits(60, 5, 8 * OVERHEAD))
    for number, length in enumerate(lengths):
        bench.keep(f"question {number % 7}", replace(ANSWER, text="x" * length))
    entries = bench.cache._entries.values()  # noqa: SLF001  # the sum is checked against what is summed
    assert bench.cache.size == sum(entry.size for entry in entries) <= 8 * OVERHEAD
