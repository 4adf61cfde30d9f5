import pytest

from ingest.access import Access
from ingest.documents import Chunk, Document, Flag, Mark
from ingest.labels import Labels

TEXT = "Handbook\n\nPay of Ada\n\nIt is 4,000.\n\nLeave\n\nCall 555-123 for it.\n\nDetails\n\nNone."
PARAGRAPHS = 7
HEADINGS = [("Handbook", 1), ("Pay of Ada", 2), ("Leave", 2), ("Details", 3)]


def document(*flagged, title="Handbook", labels=()):
    flags = tuple(Flag(TEXT.index(word), TEXT.index(word) + len(word), label) for word, label in flagged)
    marks = tuple(Mark(TEXT.index(heading), level, heading) for heading, level in HEADINGS)
    return Document("d", "u", title, TEXT, "h", Access("t"), marks, labels=frozenset(labels), flags=flags)


def labelled(made, label="pii"):
    """The first words of the paragraphs that have the label."""
    labels, found = Labels(made), []
    for paragraph in TEXT.split("\n\n"):
        start = TEXT.index(paragraph)
        chunk = Chunk("c", "d", 0, paragraph, start, start + len(paragraph))
        if label in labels.of(chunk):
            found.append(paragraph.split()[0])
    return found


@pytest.mark.parametrize(
    ("flagged", "paragraphs"),
    [
        ([], []),
        ([("555-123", "pii")], ["Call"]),
        ([("555-123", "secrets")], []),
        ([("4,000", "pii"), ("None", "pii")], ["It", "None."]),
        # What stands in a heading is shown with all that stands below it.
        ([("Ada", "pii")], ["Pay", "It"]),
        ([("Leave", "pii")], ["Leave", "Call", "Details", "None."]),
        ([("Details", "pii")], ["Details", "None."]),
        ([("4,000.\n\nLeave\n\nCall", "pii")], ["It", "Leave", "Call", "Details", "None."]),
    ],
)
def test_a_passage_has_the_labels_of_the_words_that_are_shown_with_it(flagged, paragraphs):
    assert labelled(document(*flagged)) == paragraphs


def test_what_stands_in_the_title_is_shown_with_every_passage():
    assert len(labelled(document(("555-123", "pii"), title="Who answers 555-123"))) == PARAGRAPHS


def test_a_finding_without_a_place_is_about_the_whole_document():
    made = document()
    flags = (Flag(0, 0, "pii"),)
    whole = Document("d", "u", made.title, TEXT, "h", Access("t"), made.marks, flags=flags)
    assert len(labelled(whole)) == PARAGRAPHS


def test_a_folders_labels_are_every_passages():
    assert len(labelled(document(labels=["pii"]))) == PARAGRAPHS
    assert document(("Ada", "pii"), labels=["internal"]).every_label == {"pii", "internal"}
