"""Bounded asking: an outcome is on the disk before the next question is taken."""

import asyncio
from collections.abc import Callable, Sequence

from eval.dataset import Question
from eval.folder import RunFolder
from eval.target import Target


async def ask_all(
    target: Target,
    questions: Sequence[Question],
    at_once: int,
    folder: RunFolder,
    watch: Callable[[str, int, int], None],
) -> None:
    """Ask all, `at_once` at a time; each takes the next question when its outcome has been kept.

    Whatever stops one stops all, and is raised as it is, not in a group: `OSError` on a full disk.
    """
    waiting, done = iter(questions), 0
    with folder.kept() as keep:

        async def work() -> None:
            nonlocal done
            for question in waiting:
                keep(await target.ask(question))
                done += 1
                watch("asking", done, len(questions))

        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(at_once, len(questions))):
                    workers.create_task(work())
        except ExceptionGroup as failed:
            # Several fail at once for one reason, such as the disk that all write to.
            raise failed.exceptions[0] from failed
