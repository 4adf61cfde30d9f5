"""Rating answers over HTTP."""

import pytest

from tests.postgres import BOTH

pytestmark = BOTH

PATH = "/v1/feedback"
ASK = {"messages": [{"role": "user", "content": "How many days?"}]}


def test_ones_own_answer_can_be_rated_and_nobody_elses(house):
    mine, other = house.key(), house.key()
    answer = house.client.post("/v1/chat/completions", headers=mine, json=ASK).json()
    rating = {"answer_id": answer["answer_id"], "rating": "down", "correction": "27", "comment": "old"}
    assert house.client.post(PATH, headers=mine, json=rating).status_code == 200
    assert house.client.post(PATH, headers=other, json=rating).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"answer_id": "a"},
        {"answer_id": "a", "rating": "meh"},
        {"answer_id": "", "rating": "up"},
        {"answer_id": "a", "rating": "up", "comment": "x" * 20_001},
        {"answer_id": "a", "rating": "up", "stars": 5},
    ],
)
def test_bad_feedback_is_422(house, body):
    assert house.client.post(PATH, headers=house.key(), json=body).status_code == 422
