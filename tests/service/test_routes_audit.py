"""The rails' decisions over HTTP: for administrators, tenant by tenant."""

from tests.postgres import BOTH

pytestmark = BOTH

ASK = {"messages": [{"role": "user", "content": "attack"}]}


def test_an_administrator_sees_the_tenants_decisions_and_no_texts(house):
    house.client.post("/v1/chat/completions", headers=house.key("acme", name="anna"), json=ASK)
    house.client.post("/v1/chat/completions", headers=house.key("other"), json=ASK)
    reply = house.client.get("/v1/audit", headers=house.key("acme", scopes=["admin"]))
    shown = [(each["tenant"], each["subject"], each["rail"]) for each in reply.json()["entries"]]
    assert shown == [("acme", "anna", "injection")]
    assert reply.json()["next"] is None
    assert "attack" not in str([each["text_hash"] for each in reply.json()["entries"]])


def test_decisions_come_page_by_page(house):
    headers = house.key(scopes=["chat", "admin"])
    for _ in range(3):
        house.client.post("/v1/chat/completions", headers=headers, json=ASK)
    first = house.client.get("/v1/audit?limit=2", headers=headers).json()
    second = house.client.get(f"/v1/audit?limit=2&cursor={first['next']}", headers=headers).json()
    assert [each["answer_id"] for each in first["entries"] + second["entries"]] == ["ans-3", "ans-2", "ans-1"]


def test_who_may_only_chat_sees_no_decisions(house):
    assert house.client.get("/v1/audit", headers=house.key(scopes=["chat"])).status_code == 403
