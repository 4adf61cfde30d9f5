"""Clocks for rails.py: what a call costs on the wall and on the processors, by rail; and a guarded stream."""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from guardrails.guard import Guard
from guardrails.sentences import sentences
from guardrails.stream import GuardedStream
from guardrails.verdict import Stage
from tests.bench.rails_texts import Said

_TOKEN = re.compile(r"\s*\S{1,5}|\s+\Z")  # of about the length that models write


@dataclass(frozen=True)
class Times:
    """In milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Times":
        """Of measured values; 0 of none."""
        ordered = sorted(values)
        last = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] if ordered else 0.0
        return cls(median(ordered) if ordered else 0.0, last)


@dataclass(frozen=True)
class Cost:
    """What calls take, on the wall and on the processors, how many there were; and each rail's part."""

    wall: Times
    cpu: float
    calls: int
    rails: dict[str, "Cost"] = field(default_factory=dict)

    def cells(self) -> tuple[str, str, str, str]:
        """As a table shows it."""
        return f"{self.wall.p50:.2f}", f"{self.wall.p99:.2f}", f"{self.cpu:.2f}", str(self.calls)


class Stopwatch:
    """Times every rail that a guard runs; the guard is built with it."""

    def __init__(self) -> None:
        self.parts: dict[str, list[tuple[float, float]]] = defaultdict(list)

    @contextmanager
    def __call__(self, _stage: Stage, rail: str | None) -> Iterator[None]:
        """Around a rail."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        if rail:
            self.parts[rail].append((time.perf_counter() - wall, time.process_time() - cpu))


def costs(
    calls: Sequence[Callable[[], object]], watch: Stopwatch, units: Sequence[float] | None = None
) -> Cost:
    """Each call once; times are divided by its `units`, where there are any."""
    watch.parts.clear()
    taken = []
    for call in calls:
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    each = units or [1.0] * len(calls)
    scaled = [(wall / unit, cpu / unit) for (wall, cpu), unit in zip(taken, each, strict=True)]
    # Rails are not scaled: one that runs on some texts only has no unit for each of its times.
    return _cost(scaled, {} if units else {rail: _cost(part, {}) for rail, part in watch.parts.items()})


def _cost(taken: Sequence[tuple[float, float]], rails: dict[str, Cost]) -> Cost:
    walls, cpus = ([1_000 * pair[place] for pair in taken] for place in (0, 1))
    return Cost(Times.of(walls), median(cpus) if cpus else 0.0, len(taken), rails)


@dataclass(frozen=True)
class Streaming:
    """From the token that completes a sentence to its release; what other tokens wait; who came late."""

    release: Cost
    between: Cost
    late: int
    answers: int


def stream(guard: Guard, answers: Sequence[Said]) -> Streaming:
    """Let answers grow by tokens. Late is one whose first words came after its second sentence."""
    released: list[tuple[float, float]] = []
    quiet: list[tuple[float, float]] = []
    late = 0
    for answer in answers:
        text = "".join(answer.sentences)
        second = [end for _, end in sentences(text)][1:2]
        guarded, seen, first = GuardedStream(guard, lambda _, a=answer: a.passages), 0, None
        for token in _TOKEN.findall(text):
            seen += len(token)
            wall, cpu = time.perf_counter(), time.process_time()
            verdicts = guarded.screen() if guarded.grow(token) else []
            taken = (time.perf_counter() - wall, time.process_time() - cpu)
            (released if verdicts else quiet).append(taken)
            first = seen if verdicts and first is None else first
        guarded.finish()
        late += bool(second and (first is None or first > second[0]))
    return Streaming(_cost(released, {}), _cost(quiet, {}), late, len(answers))
