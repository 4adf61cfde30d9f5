"""The loop: a wrong answer is corrected by its asker, learnt, gated, promoted under load, and rolled back.

Run as `.venv/bin/python deploy/demo/loop.py`. Exits 0 if each step came out as it should, 1 naming those that
did not, 2 if a program could not be brought up. It works on a copy of the shipped adapters.
"""

import argparse
import json
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import gate
from asker import Asker
from client import Client
from replies import Reply
from stack import ROOT, SetUpError, Stack
from steps import Steps

HERE = Path(__file__).resolve().parent
SHIPPED = ROOT / "finetune" / "adapters"
GROUP = "engineering"
PATIENCE_S = 120.0
# For training: memory that is given back at each step is fetched again, and every length is a new kernel.
MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "1024",
}
# What is asked, and how its asker would have it: words of the document. The first that is answered otherwise
# is corrected.
WANTED = (
    ("How is work at night compensated?", "taken back as time off, at double the time that was worked"),
    ("Which alarms may wake somebody?", "alarms that customers would notice"),
    (
        "When does an engineer go on call for the first time?",
        "after six months in the house and after two weeks as a shadow",
    ),
    (
        "What happens when nobody acknowledges an alarm?",
        "it goes to the secondary engineer, and after another 10 minutes to the head of the Cloud team",
    ),
)


# What its asker rates up, if it is answered so: what is right already shall stay so. None: by a refusal.
RIGHT = (
    ("What may the team lead do if remote work harms the work of a team?", "limit remote work"),
    ("Who goes first if two people of a team want the same weeks?", "less popular weeks"),
    ("Who won the ice hockey championship?", None),
    ("What does a share of Talvio cost on the stock exchange?", None),
    ("Which bank holds the accounts of Talvio?", None),
)


class Loop:
    """The steps, in order; each checks what came of it."""

    def __init__(self, stack: Stack, options: argparse.Namespace, steps: Steps) -> None:
        self.stack, self.options, self.steps = stack, options, steps
        self.home, self.registry = stack.home, stack.home / "adapters"

    def run(self) -> None:
        """All of it. Raises SetUpError."""
        with self.steps.step("documents are indexed"):
            self.stack.sync(self.options.corpus)
        with self.stack.server() as url, Client(url, self.stack.create_key(GROUP)) as client:
            self.live = self._live()
            question, wanted, before = self._corrected(client)
            self._confirmed(client)
            trained = self._trained()
            questions = self._questions(client)
            self._refused(questions)
            self._promoted(client, trained, questions, question)
            self._better(client, question, wanted)
            self._rolled_back(client, question, before)

    def _corrected(self, client: Client) -> tuple[str, str, Reply]:
        with self.steps.step("an answer is corrected by its asker") as step:
            for question, wanted in WANTED:
                reply = client.ask(question)
                if not says(reply, wanted):
                    client.rate(reply.answer_id, wanted)
                    step.told = f"{question} | said: {reply.text} | should say: {wanted}"
                    return question, wanted, reply
        raise SetUpError("every question is answered as wanted already: there is nothing to correct")

    def _confirmed(self, client: Client) -> None:
        with self.steps.step("right answers and refusals are rated up") as step:
            replies = [(client.ask(question), wanted) for question, wanted in RIGHT]
            right = [reply for reply, wanted in replies if (says(reply, wanted) if wanted else reply.refused)]
            for reply in right:
                client.rate(reply.answer_id)
            step.told = f"{len(right)} of {len(replies)}"

    def _trained(self) -> Path:
        data, out = self.home / "dataset", self.home / "trained"
        with self.steps.step("a dataset is built from the feedback") as step:
            # Each rating often, and nothing that is made up beside them.
            manner = ("--rounds", str(self.options.rounds), "--emphasis", "1", "--made-up", "0")
            told = self.stack.run("finetune", "build", "--from", "feedback", "--out", str(data), *manner)
            step.told = f"{told['readings']} readings, {told['hash'][:12]}"
        with self.steps.step("the live adapter learns from it") as step:
            told = {
                "dataset": data,
                "out": out,
                "from": self.registry / self.live,
                "steps": self.options.steps,
                "minutes": self.options.minutes,
                "learning-rate": self.options.rate,
                "questions-per-step": 4,  # nearly every rating once
            }
            card = self.stack.run("finetune", "train", *(f"--{name}={value}" for name, value in told.items()))
            step.told = f"{card['name']}: {card['steps']} steps in {card['minutes']} minutes"
        return self._blended(out)

    def _blended(self, trained: Path) -> Path:
        """Part of the way: what few examples teach holds, and what they spoil of the rest mostly does not."""
        with self.steps.step("the live adapter goes part of the way to it") as step:
            live, out = self.registry / self.live, self.home / "blended"
            way = ("--share", str(self.options.share), "--out", str(out))
            card = self.stack.run("finetune", "blend", str(live), str(trained), *way)
            # So little changes how readily it refuses too little to measure on so few questions.
            shutil.copy(live / "calibration.json", out)
            step.told = f"{card['name']}: {self.options.share:g} of the way"
        return out

    def _questions(self, client: Client) -> Path:
        with self.steps.step("the gate's questions are put together") as step:
            file = self.home / "gate.jsonl"
            step.told = f"{gate.questions(client, file, self.options.count)} questions"
        return file

    def _refused(self, questions: Path) -> None:
        with self.steps.step("a spoilt adapter is refused") as step:
            place = gate.spoilt(self.registry / self.live, self.home / "spoilt")
            told = self._promote(place, questions, accepted=(0, 1))
            step.check(told["outcome"] == "refused", f"it was {told['outcome']}")
            step.check((self.registry / str(told["evidence"])).is_file(), "its evidence was not kept")
            step.check(self._live() == self.live, "the pointer moved")
            step.told = f"by {', '.join(told['failed'])}"

    def _promoted(self, client: Client, trained: Path, questions: Path, question: str) -> None:
        with self.steps.step("the new adapter passes the gate, and is promoted under load") as step:
            with Asker(client, question) as asker:
                told = self._promote(trained, questions, accepted=(0, 1))
                step.check(told["outcome"] == "promoted", f"it was {told['outcome']}: {told.get('failed')}")
                step.check(self._served(client, question) == self._live(), "the server did not follow")
            step.check(not asker.failures, f"requests failed: {asker.failures[:3]}")
            step.told = f"{len(asker.models)} answers meanwhile, {len(asker.failures)} failures"

    def _better(self, client: Client, question: str, wanted: str) -> None:
        with self.steps.step("the corrected question is answered as wanted") as step:
            reply = client.ask(question)
            step.check(says(reply, wanted), f"it says: {reply.text}")
            step.told = reply.text

    def _rolled_back(self, client: Client, question: str, before: Reply) -> None:
        with self.steps.step("after a rollback the old answer is back") as step:
            told = self.stack.run("finetune", "rollback")
            step.check(told["live"] == self.live, f"{told['live']} is live")
            step.check(self._served(client, question) == self.live, "the server did not follow")
            reply = client.ask(question)
            step.check(reply.text == before.text, f"it says: {reply.text}")
            step.told = reply.text

    def _promote(self, adapter: Path, questions: Path, accepted: tuple[int, ...]) -> dict[str, Any]:
        asked = ("--questions", str(questions), "--count", str(self.options.count))
        return self.stack.run("finetune", "promote", str(adapter), *asked, accepted=accepted)

    def _live(self) -> str:
        return (self.registry / "promoted").read_text().strip()

    def _served(self, client: Client, question: str) -> str:
        """Who answers, once that is who is live; else who answers in the end."""
        end, model = time.monotonic() + PATIENCE_S, ""
        while model != self._live() and time.monotonic() < end:
            time.sleep(0.3)
            model = client.ask(question).model
        return model


def says(reply: Reply, wanted: str) -> bool:
    """Whether the answer holds the words that are wanted."""
    said, words = (" ".join(text.casefold().split()) for text in (reply.text, wanted))
    return words in said


def main() -> int:
    """Run the loop; returns the exit code."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    home = options.home.resolve()
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(SHIPPED, home / "adapters")
    settings = {
        "ADAPTERS": str(home / "adapters"),
        "FEEDBACK_WAIT": "24",  # hours that what was said waits for a rating
        "CACHE_SECONDS": "0",  # who asks again is answered anew
    }
    told = MEMORY | {f"PLUMBLINE_SERVICE__{name}": value for name, value in settings.items()}
    steps = Steps(quiet=options.json)
    try:
        with Stack(home, told) as stack:
            Loop(stack, options, steps).run()
    except SetUpError as error:
        print(f"the loop could not be set up: {error}", file=sys.stderr)
        return 2
    finally:
        if options.json:
            print(json.dumps(steps.plain(), indent=2, ensure_ascii=False))
    return 1 if steps.problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="From a corrected answer to a promoted adapter, and back.")
    home = ROOT / ".plumbline" / "loop"
    parser.add_argument("--home", type=Path, default=home, help="data folder; made anew")
    parser.add_argument("--corpus", type=Path, default=HERE / "corpus", help="documents to ask")
    parser.add_argument("--rounds", type=int, default=24, help="how often the dataset repeats each paragraph")
    parser.add_argument("--steps", type=int, default=24, help="steps of training")
    parser.add_argument("--minutes", type=float, default=15.0, help="minutes of training at most")
    parser.add_argument("--rate", type=float, default=7e-4, help="learning rate")
    parser.add_argument("--share", type=float, default=0.4, help="how far to go to what was trained")
    parser.add_argument("--count", type=int, default=60, help="questions of the gate")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the steps")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
