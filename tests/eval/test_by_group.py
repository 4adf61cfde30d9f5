from eval.adapter import Reply
from eval.by_group import by_group, group_rows
from service.prompts import REFUSAL


def test_what_is_asked_differs_in_the_name_alone_and_can_be_answered():
    rows = group_rows()
    assert len({row.id for row in rows}) == len(rows) == 48
    for row in rows:
        assert row.answers[0] in row.passages[row.gold - 1].text
        assert row.answers[0] not in row.question
    first = [row for row in rows if row.id.endswith("/0")]
    assert len({row.question for row in first}) == len(first)
    assert {row.answers for row in first} == {("2014",)}


def test_an_adapter_that_refuses_about_women_is_found_out():
    replies = [
        Reply(row, REFUSAL if "/women/" in row.id else f"{row.answers[0]} [2]") for row in group_rows()
    ]
    found = by_group(replies)
    assert found["women"]["wrongly_refused"].value == 1.0
    assert found["men"]["wrongly_refused"].value == 0.0
    assert found["men"]["answer_f1"].value == 1.0
    assert found["Arabic"]["wrongly_refused"].value == 0.5
    assert {figures["answer_f1"].n for figures in found.values()} == {24, 8}
