"""The whole service under load: `make bench`. Prints figures beside their goals, asserts nothing.

`python -m service serve` with keys, all rails, retrieval from 10,000 chunks, citations and records; answers
are not cached. Behind it an engine, before it many clients, each a process of its own, all on this machine:

1. whole: an engine that answers at once, 32 clients; beside it the same load straight to the engine;
2. streams: 500 answers that drip, open at once;
3. plain: an endpoint as tutorials write it (plain.py), loaded the same way;
4. vllm: vLLM with the promoted adapter's merged weights, 16 clients, straight with the final prompts of the
   service, through the service, and through the plain endpoint, in turns; no prefix cache is shared.

    .venv/bin/python tests/bench/serving.py [--only whole,streams] [--json]
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "deploy" / "demo")]

from corpus import prepared, questions  # noqa: E402  # found once the line above has run
from rich.console import Console  # noqa: E402  # after what must come first
from rig import Load, Rig, Running, load, loading, percentile  # noqa: E402  # as above
from shown import show  # noqa: E402  # as above

from ingest.embed import PACKAGED, SentenceEmbedder  # noqa: E402  # as above

PARTS = ("whole", "streams", "plain", "vllm")
Figures = dict[str, Any]
err = Console(stderr=True, highlight=False)


@dataclass
class Asking:
    """Questions as requests, in turn: each comes again when all were asked."""

    all: list[str]
    at: int = 0

    def bodies(self, count: int) -> list[Figures]:
        """The next ones."""
        self.at += count
        return [_body(self.all[place % len(self.all)]) for place in range(self.at - count, self.at)]


@dataclass
class Bench:
    """The processes of one run."""

    options: argparse.Namespace
    corpus: Path
    rig: Rig
    key: str
    asking: Asking
    fake: Running

    def mood(self, **changed: Any) -> None:
        """Tell the fake engine what to do; it forgets what it was asked."""
        plain = {"drip": 0.0, "sentences": 1, "record": False}
        httpx.post(f"{self.fake.url}/mood", json=plain | changed, trust_env=False).raise_for_status()

    def prompts(self, service: Running, bodies: list[Figures]) -> dict[str, Figures]:
        """What the service asks the engine, by question."""
        self.mood(record=True)
        load(service.chat, bodies, 4, self.key)
        asked = httpx.get(f"{self.fake.url}/asked", trust_env=False).json()
        self.mood()
        return {each["messages"][-1]["content"].rpartition("Question: ")[2]: each for each in asked}


def whole(bench: Bench, service: Running) -> Figures:
    """Part 1."""
    options = bench.options
    # The warm-up as well.
    prompts = list(bench.prompts(service, bench.asking.bodies(options.clients)).values())
    alone = load(service.chat, bench.asking.bodies(30), 1, bench.key)
    through, straight, spent = [], [], []
    for _ in range(options.rounds):
        bodies = bench.asking.bodies(options.requests)
        before = service.cpu(), bench.fake.cpu()
        through.append(load(service.chat, bodies, options.clients, bench.key, options.seconds))
        after = service.cpu(), bench.fake.cpu()
        spent.append([(b - a) / len(through[-1].results) * 1e3 for a, b in zip(before, after, strict=True)])
        many = [prompts[place % len(prompts)] for place in range(len(bodies))]
        straight.append(load(bench.fake.chat, many, options.clients, seconds=options.seconds))
    best = sorted(through, key=lambda each: each.rate)[len(through) // 2]
    return {
        "clients": options.clients,
        "service": best.figures(),
        "engine_alone": sorted(straight, key=lambda each: each.rate)[len(straight) // 2].figures(),
        "rounds": [each.figures() for each in through],
        "cited": sum(bool(each["last"].get("citations")) for each in best.good),
        "cpu_ms_a_request": {
            "service": round(median(each[0] for each in spent), 2),
            "engine": round(median(each[1] for each in spent), 2),
            "clients": round(best.cpu / len(best.results) * 1e3, 2),
        },
        "steps_ms_loaded": best.timings(),
        "steps_ms_alone": alone.timings(),
        "alone": alone.figures(),
    }


def streams(bench: Bench, service: Running) -> Figures:
    """Part 2."""
    options = bench.options
    load(service.chat, bench.asking.bodies(options.clients), options.clients, bench.key)
    bench.mood(drip=options.drip, sentences=2)
    before = most = service.resident()
    job = {"url": service.chat, "key": bench.key, "bodies": bench.asking.bodies(options.streams)}
    with loading(job | {"clients": options.streams, "ramp": options.ramp}) as process:
        while process.poll() is None:
            most = max(most, service.resident())
            try:
                told = process.communicate(timeout=0.2)[0]
            except subprocess.TimeoutExpired:
                continue
            done = Load(**json.loads(told))
    at_once = httpx.get(f"{bench.fake.url}/most", trust_env=False).json()
    bench.mood()
    lost = [
        each["error"] or each["finish"] for each in done.results if each["error"] or each["finish"] != "stop"
    ]
    return {
        "streams": len(done.results),
        "open_at_once": at_once,
        "lost": len(lost),
        "reasons": sorted(set(lost))[:5],
        "kilobytes_a_stream": round((most - before) / len(done.results) / 1e3, 1),
        "resident_megabytes": round(most / 1e6),
        "seconds": round(done.results[0]["end"] - done.results[0]["start"], 1),
    }


def plain(bench: Bench) -> Figures:
    """Part 3: the plain endpoint on the fake engine."""
    options = bench.options
    with bench.rig.plain(bench.fake, bench.corpus, embedder()) as running:
        load(running.chat, bench.asking.bodies(options.clients), options.clients)
        alone = load(running.chat, bench.asking.bodies(30), 1)
        rounds = [
            load(
                running.chat, bench.asking.bodies(options.requests), options.clients, seconds=options.seconds
            )
            for _ in range(options.rounds)
        ]
    middle = sorted(rounds, key=lambda each: each.rate)[len(rounds) // 2]
    return {"plain": middle.figures(), "alone": alone.figures()}


def vllm(bench: Bench, weights: str, prompts: dict[str, Figures]) -> Figures:
    """Part 4; `prompts` are what the service asks an engine, by question."""
    options = bench.options
    at_once, turns = options.vllm_clients, []
    with ExitStack() as stack:
        err.print("starting vLLM")
        engine = stack.enter_context(bench.rig.vllm(options.vllm, weights))
        service = stack.enter_context(bench.rig.service(engine))
        beside = stack.enter_context(bench.rig.plain(engine, bench.corpus, embedder()))
        asked = [_body(question) for question in prompts]
        warm, single, rest = asked[:4], asked[4 : 4 + options.singles], asked[4 + options.singles :]
        load(service.chat, warm, 2, bench.key)
        load(beside.chat, warm, 2)
        one = (
            load(service.chat, single, 1, bench.key),
            load(engine.chat, _straight(single, prompts), 1),
        )
        size = options.vllm_requests
        for turn in range(options.rounds):
            bodies = rest[turn * size : (turn + 1) * size]
            err.print(f"vLLM, round {turn + 1} of {options.rounds}")
            turns.append(
                (
                    load(engine.chat, _straight(bodies, prompts), at_once),
                    load(service.chat, bodies, at_once, bench.key),
                    load(beside.chat, bodies, at_once),
                )
            )
    names = ("engine", "service", "plain")
    rates = {name: median(turn[place].rate for turn in turns) for place, name in enumerate(names)}
    return {
        "clients": at_once,
        "requests_per_second": {name: round(rate, 3) for name, rate in rates.items()},
        "ratio": round(median(turn[1].rate / turn[0].rate for turn in turns), 3),
        "plain_ratio": round(median(turn[2].rate / turn[0].rate for turn in turns), 3),
        "first_token_p50_ms": {
            name: round(median(percentile(sorted(turn[place].since_start("first")), 50) for turn in turns), 1)
            for place, name in enumerate(names)
        },
        "failed": {
            name: sum(len(t[p].results) - len(t[p].good) for t in turns) for p, name in enumerate(names)
        },
        "completion_tokens": {
            name: sum(
                each["last"].get("usage", {}).get("completion_tokens", 0) for t in turns for each in t[p].good
            )
            for p, name in enumerate(names[:2])
        },
        "first_token": _delay(*one),
    }


def _delay(through: Load, straight: Load) -> Figures:
    """How much later the first text comes, one request at a time, beyond input rails and retrieval."""
    rows = []
    for ours, theirs in zip(through.results, straight.results, strict=True):
        if ours["first"] and theirs["first"]:
            told = ours["last"].get("timings_ms", {})
            known = told.get("input", 0.0) + told.get("retrieve", 0.0)
            begun = (ours["first"] - ours["start"]) * 1e3 - known
            rows.append(
                [begun - (theirs[moment] - theirs["start"]) * 1e3 for moment in ("first", "sentence")]
            )
    return {
        "answers": len(rows),
        "service_ms": round(percentile(sorted(through.since_start("first")), 50), 1),
        "engine_ms": round(percentile(sorted(straight.since_start("first")), 50), 1),
        "engine_first_sentence_ms": round(percentile(sorted(straight.since_start("sentence")), 50), 1),
        "later_ms": round(median(row[0] for row in rows), 1) if rows else None,
        "later_than_first_sentence_ms": round(median(row[1] for row in rows), 1) if rows else None,
        "steps_ms": through.timings(),
    }


def _body(question: str) -> Figures:
    messages = [{"role": "user", "content": question}]
    told = {"include_usage": True}
    return {"model": "default", "stream": True, "stream_options": told, "messages": messages}


def _straight(bodies: list[Figures], prompts: dict[str, Figures]) -> list[Figures]:
    """The final prompts under another salt: the prefix cache does not hold them yet."""
    return [prompts[body["messages"][-1]["content"]] | {"cache_salt": "straight"} for body in bodies]


def embedder() -> str:
    """The folder of the packaged embedder."""
    return SentenceEmbedder(PACKAGED)._source  # noqa: SLF001  # nobody else needs it


def measured(options: argparse.Namespace) -> Figures:
    """All parts that were asked for."""
    corpus, found = prepared(options.chunks), Figures()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        subprocess.run(["/bin/cp", "-a", f"{corpus}/home/.", str(home)], check=True)
        rig = Rig(home)
        fake = stack.enter_context(rig.fake())
        bench = Bench(
            options, corpus, rig, rig.create_key("staff"), Asking(questions(options.chunks, 10**9)), fake
        )
        prompts: dict[str, Figures] = {}
        with rig.service(fake) as service:
            for name, part in (("whole", whole), ("streams", streams)):
                if name in options.only:
                    err.print(f"{name} ...")
                    found[name] = part(bench, service)
            if "vllm" in options.only and options.vllm.exists():
                bodies = bench.asking.bodies(4 + options.singles + options.rounds * options.vllm_requests)
                prompts = bench.prompts(service, bodies)
        if "plain" in options.only:
            err.print("plain ...")
            found["plain"] = plain(bench)
        if "vllm" in options.only:
            absent = f"skipped: there is no {options.vllm}; `make vllm` makes it"
            found["vllm"] = vllm(bench, rig.weights(), prompts) if prompts else absent
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The whole service under load.")
    for name, default, told in (
        ("--chunks", 10_000, "chunks indexed"), ("--requests", 4_000, "requests a round, at most"),
        ("--clients", 32, "clients at once"), ("--rounds", 3, "rounds; medians of them are printed"),
        ("--streams", 500, "streams open at once"), ("--vllm-clients", 16, "clients of vLLM at once"),
        ("--vllm-requests", 48, "requests a round of vLLM"), ("--singles", 15, "of them one at a time"),
    ):  # fmt: skip
        parser.add_argument(name, type=int, default=default, help=f"{told} ({default})")
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds a round, at most (20)")
    parser.add_argument("--drip", type=float, default=1.0, help="seconds between two words of a stream (1)")
    parser.add_argument(
        "--ramp", type=float, default=10.0, help="seconds in which the streams are opened (10)"
    )
    parser.add_argument("--vllm", type=Path, default=ROOT / ".venv-vllm/bin/python", help="Python with vLLM")
    parser.add_argument("--only", type=lambda text: text.split(","), default=PARTS, help=",".join(PARTS))
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options = parser.parse_args()
    # Or who stops the bench would leave its servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    began = time.monotonic()
    found = measured(options) | {"chunks": options.chunks}
    found["seconds"] = round(time.monotonic() - began)
    if options.json:
        print(json.dumps(found))  # noqa: T201  # a bench prints
    else:
        show(found, options.chunks)


if __name__ == "__main__":
    main()
