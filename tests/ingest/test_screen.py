import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.redaction import redact
from guardrails.verdict import Action, Finding, Stage, Verdict
from ingest.documents import Extract, Flag, Mark
from ingest.errors import Quarantined
from ingest.screen import LazyScreen, NoScreen, screened


class Fixed:
    """Finds what it was told to find."""

    def __init__(self, action, *spans):
        self.action = action
        self.findings = tuple(
            Finding("pii", "NAME", action, 1.0, start, end, "a name", replacement)
            for start, end, replacement in spans
        )

    def screen(self, _stage, text):
        return Verdict(self.action, redact(text, self.findings), self.findings)


TEXT = "# Ada\n\nAda Byron wrote.\n\nBob did not."


def test_what_is_allowed_passes_as_it_is():
    extract = Extract("Title", TEXT, (Mark(0, 1, "Ada"),), ((0, 5),))
    assert screened(NoScreen(), extract) == (extract, (), {})


def test_what_is_blocked_is_quarantined_without_being_quoted():
    with pytest.raises(Quarantined, match="quarantined by pii") as caught:
        screened(Fixed(Action.BLOCK, (7, 16, "")), Extract("Title", TEXT))
    assert "Ada" not in str(caught.value)


def test_a_flag_becomes_a_label():
    extract = Extract("Title", TEXT)
    flagged = screened(Fixed(Action.FLAG, (7, 16, "")), extract)
    assert flagged == (extract, (Flag(7, 16, "pii"),), {("pii", "NAME", "flag"): 1})


def test_marks_blocks_and_titles_follow_the_redaction():
    extract = Extract(
        "Letter to Ada",
        TEXT,
        (Mark(0, 1, "Ada"), Mark(7, page=2), Mark(25, 2, "Bob")),
        ((0, 5), (7, 23), (25, 37)),
    )
    made, *_ = screened(
        Fixed(Action.REDACT, (2, 5, "<NAME>"), (7, 10, "<NAME>"), (11, 16, "<SURNAME>")), extract
    )
    assert made.text == "# <NAME>\n\n<NAME> <SURNAME> wrote.\n\nBob did not."
    assert made.title == "Letter to <NAME>"
    assert made.marks[0].title == "<NAME>"
    assert [made.text[mark.start :][:6] for mark in made.marks] == ["# <NAM", "<NAME>", "Bob di"]
    assert [made.text[start:end] for start, end in made.blocks] == [
        "# <NAME>",
        "<NAME> <SURNAME> wrote.",
        "Bob did not.",
    ]


@given(
    text=st.text(alphabet="ab \n", min_size=1, max_size=60),
    spans=st.lists(
        st.tuples(st.integers(0, 59), st.integers(1, 9), st.sampled_from(["", "<X>", "<LONGER>"])), max_size=5
    ),
    cut=st.integers(0, 60),
)
def test_offsets_outside_of_redactions_stay_on_their_characters(text, spans, cut):
    inside = [(start, min(start + size, len(text)), new) for start, size, new in spans if start < len(text)]
    cut = min(cut, len(text))
    made, *_ = screened(
        Fixed(Action.REDACT, *inside), Extract("", text, (Mark(cut),), ((0, cut), (cut, len(text))))
    )
    (first, second), (third, last) = made.blocks
    assert (first, last) == (0, len(made.text))
    assert 0 <= second <= last
    assert 0 <= third <= last
    if not any(start < cut < end for start, end, _ in inside):
        assert second == third == made.marks[0].start
    if not any(start <= cut < end for start, end, _ in inside) and cut < len(text):
        assert made.text[made.marks[0].start] == text[cut]


def test_a_lazy_screen_is_made_once_and_late():
    made = []

    def make():
        made.append(True)
        return NoScreen()

    lazy = LazyScreen(make)
    assert not made
    for _ in range(2):
        assert lazy.screen(Stage.DOCUMENT, "text").action is Action.ALLOW
    assert made == [True]
