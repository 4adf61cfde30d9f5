"""What an answer in the making knows of its cost, also when it is cut."""

import pytest

from service.answer import Usage
from service.draft import Draft
from service.generate import Piece


@pytest.mark.parametrize(
    ("pieces", "usage"),
    [
        ([], Usage(40, 0)),
        ([Piece("27 "), Piece("days")], Usage(40, 2)),
        ([Piece("27 "), Piece("", "stop", Usage())], Usage(40, 1)),
        ([Piece("27 "), Piece("", "stop", Usage(41, 3))], Usage(41, 3)),
    ],
)
def test_an_answer_costs_what_the_engine_says_or_else_what_was_seen(pieces, usage):
    draft = Draft("ans-1", "m", "policy")
    draft.prompted(lambda: 40)
    for piece in pieces:
        draft.engine(piece)
    assert draft.finished().usage == usage


def test_an_answer_that_never_reached_the_engine_costs_nothing():
    assert Draft("ans-1", "m", "policy").finished().usage == Usage()
