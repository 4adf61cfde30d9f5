"""The demo: ingest a company's documents, start the server, ask it over HTTP, and check every outcome.

Run as `.venv/bin/python deploy/demo/demo.py`. Exits 0 if all is as expected, 1 naming each wrong
outcome, 2 if the documents or the server could not be brought up.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from client import Client
from outcomes import Outcome, judge
from questions import Question, load
from stack import ROOT, SetUpError, Stack
from transcript import Transcript

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
GROUPS = ("hr", "engineering", "legal")


def main() -> int:
    """Run the demo; returns the exit code."""
    options = _options()
    # Ended from outside, the demo still unwinds, so that no server stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    transcript = Transcript(quiet=options.json)
    seconds: dict[str, float] = {}
    questions = load(HERE / "questions.toml", spare=options.all)
    try:
        with Stack(options.home.resolve()) as stack:
            if options.vllm:
                with transcript.console.status("preparing vLLM"), _timed(seconds, "vllm"):
                    stack.use_vllm()
            outcomes = run(stack, questions, transcript, seconds)
    except SetUpError as error:
        print(f"the demo could not be set up: {error}", file=sys.stderr)
        return 2
    transcript.closing(outcomes, seconds)
    if options.json:
        print(json.dumps(_report(outcomes, seconds), indent=2, ensure_ascii=False))
    return 1 if any(outcome.problems for outcome in outcomes) else 0


def run(
    stack: Stack, questions: list[Question], transcript: Transcript, seconds: dict[str, float]
) -> list[Outcome]:
    """Ingest, create keys, serve, ask; fills in how many seconds each part took. Raises SetUpError."""
    with transcript.console.status("ingesting the documents"), _timed(seconds, "ingest"):
        report = stack.sync(CORPUS)
    with transcript.console.status("creating keys"), _timed(seconds, "keys"):
        keys = {group: stack.create_key(group) for group in GROUPS}
    with ExitStack() as resources:
        clients = _served(stack, keys, resources, transcript, seconds)
        transcript.opening(report, seconds)
        with _timed(seconds, "questions"):
            outcomes = list(_ask_all([each for each in questions if not each.recited], clients, transcript))
    transcript.reciting()
    with _timed(seconds, "reciting engine"), stack.reciting(), ExitStack() as resources:
        clients = _served(stack, keys, resources, transcript, {})
        recited = [each for each in questions if each.recited]
        return outcomes + list(_ask_all(recited, clients, transcript, len(outcomes)))


def _served(
    stack: Stack,
    keys: dict[str, str],
    resources: ExitStack,
    transcript: Transcript,
    seconds: dict[str, float],
) -> dict[str, Client]:
    """A server, and a client of it for each key, until `resources` are closed. Raises SetUpError."""
    with transcript.console.status("starting the server"), _timed(seconds, "server"):
        url = resources.enter_context(stack.server())
    return {group: resources.enter_context(Client(url, key)) for group, key in keys.items()}


def _ask_all(
    questions: list[Question], clients: dict[str, Client], transcript: Transcript, asked: int = 0
) -> Iterator[Outcome]:
    for number, question in enumerate(questions, start=asked + 1):
        client = clients[question.asker]
        outcome = judge(question, client.ask(question.ask), client)
        transcript.exchange(number, outcome)
        yield outcome


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - began


def _report(outcomes: list[Outcome], seconds: dict[str, float]) -> dict[str, Any]:
    return {
        "ok": not any(outcome.problems for outcome in outcomes),
        "seconds": seconds,
        "outcomes": [
            {
                "question": outcome.question.model_dump(mode="json"),
                "reply": outcome.reply.model_dump(mode="json"),
                "problems": outcome.problems,
            }
            for outcome in outcomes
        ],
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Ask a made-up company's documents and check every outcome.")
    home = ROOT / ".plumbline" / "demo"
    parser.add_argument("--home", type=Path, default=home, help="data folder, kept for the next run")
    parser.add_argument("--all", action="store_true", help="ask the spare questions as well")
    parser.add_argument("--vllm", action="store_true", help="with vLLM (`make demo-vllm` installs it)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the transcript")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
