import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ingest.turns import Turns


def test_a_question_waits_for_one_batch_of_documents_whoever_else_lines_up():
    turns, order, started, go_on = Turns(), [], threading.Event(), threading.Event()

    def documents(name):
        for number in range(3):
            with turns.documents():
                started.set()
                go_on.wait()
                order.append(f"{name}{number}")

    def question():
        with turns.question():
            order.append("question")

    with ThreadPoolExecutor() as threads:
        writers = [threads.submit(documents, name) for name in "ab"]
        started.wait()
        asked = threads.submit(question)
        while not turns._line:  # noqa: SLF001  # until the question stands in line
            pass
        go_on.set()
        for each in [*writers, asked]:
            each.result()
    assert order.index("question") == 1
    assert len(order) == 7


def test_an_error_passes_the_turn_on():
    turns = Turns()
    with pytest.raises(ValueError, match="bad"), turns.documents():
        raise ValueError("bad")
    with turns.question():
        pass


def test_turns_never_overlap():
    turns, inside, most = Turns(), 0, 0

    def work(number):
        nonlocal inside, most
        with turns.question() if number % 2 else turns.documents():
            inside += 1
            most = max(most, inside)
            inside -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(400)))
    assert most == 1
