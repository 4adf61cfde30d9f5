"""Speed and memory of answers on the embedded default: `make bench`. Prints, asserts nothing.

The demo's answerable questions, asked over HTTP one after another, in three rounds after a warm-up;
resident memory is the server process's own and its peak.
"""

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "demo"))

from client import Client  # noqa: E402  # the demo's modules are found once the line above has run
from questions import load  # noqa: E402  # as above
from stack import Stack  # noqa: E402  # as above

ROUNDS = 3


def main() -> None:
    """Measure and print."""
    questions = [q for q in load(ROOT / "deploy/demo/questions.toml", spare=False) if q.expect == "answer"]
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # Every round is to be answered, not to be looked up.
        (home / "plumbline.toml").write_text("[service]\ncache_seconds = 0\n")
        programs = Stack(home)
        report = programs.sync(ROOT / "deploy/demo/corpus")
        keys = {group: programs.create_key(group) for group in {question.asker for question in questions}}
        url = stack.enter_context(programs.server())
        clients = {group: stack.enter_context(Client(url, key)) for group, key in keys.items()}
        clients[questions[0].asker].ask(questions[0].ask)
        replies = [clients[q.asker].ask(q.ask) for _ in range(ROUNDS) for q in questions]
        memory = _memory(int(json.loads((home / "store.json").read_text())["pid"]))
    firsts = [reply.first_token_ms / 1_000 for reply in replies if reply.first_token_ms is not None]
    table = Table(
        "figure", "value", title=f"{len(replies)} answers over HTTP, {report['chunks']} chunks indexed"
    )
    table.add_row("first token, median", f"{median(firsts):.2f} s (most {max(firsts):.2f} s)")
    totals = [reply.total_ms / 1_000 for reply in replies]
    table.add_row("whole answer, median", f"{median(totals):.2f} s (most {max(totals):.2f} s)")
    table.add_row("server's resident memory", f"{memory['VmRSS']:.2f} GB (peak {memory['VmHWM']:.2f} GB)")
    Console().print(table)


def _memory(pid: int) -> dict[str, float]:
    """Resident memory of a process, now and at its peak, in GB of 10^9 bytes."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {
        line[0].rstrip(":"): int(line[1]) * 1_024 / 1e9 for line in lines if line[0] in {"VmRSS:", "VmHWM:"}
    }


if __name__ == "__main__":
    main()
