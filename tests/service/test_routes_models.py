"""The names that `model` may have."""


def test_default_and_every_adapter_are_listed(house):
    body = house.client.get("/v1/models", headers=house.key()).json()
    assert body["object"] == "list"
    assert [model["id"] for model in body["data"]] == ["default", "grounded-qa-1"]
    assert {model["object"] for model in body["data"]} == {"model"}


def test_one_model_is_read_by_its_name(house):
    assert house.client.get("/v1/models/default", headers=house.key()).json()["id"] == "default"


def test_a_model_that_is_not_there_is_404(house):
    reply = house.client.get("/v1/models/org/none", headers=house.key())
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")
