"""What answers depend on: each word changes with what it stands for, and with nothing else."""

import pytest

from guardrails.guard import Guard
from ingest.access import Principal
from ingest.memory import MemoryStore
from service.errors import UnknownModel
from service.fingerprint import fingerprint
from service.settings import ServiceSettings
from service.startup import Terms
from tests.service.desk import ANNA, Desk, rails

TERMS = Terms("qa-1", "default-1")
PATH = "/v1/fingerprint"


@pytest.fixture
def desk(settings, ledger):
    made = Desk(settings.folder, ledger, lambda *_: MemoryStore())
    made.put("leave.txt", "Employees get 27 days of paid leave.")
    made.put("pay.txt", "Aino earns EUR 5,850.", groups=["hr"])
    yield made
    made.close()


def told(desk, principal=ANNA, terms=TERMS, **changed):
    return fingerprint(desk.library, ServiceSettings(home=desk.folder, **changed), principal, terms)


def changes(before, after):
    return {name for name in before.__slots__ if getattr(before, name) != getattr(after, name)}


CHANGES = {
    "a document says something else": (
        lambda desk: desk.put("leave.txt", "Employees get 28 days."),
        {"corpus", "index"},
    ),
    "a document is added": (lambda desk: desk.put("new.txt", "More."), {"corpus", "index"}),
    "a document is for others now": (
        lambda desk: desk.put("leave.txt", "Employees get 27 days of paid leave.", groups=["staff"]),
        {"corpus"},
    ),
    "what the principal may not read changes": (
        lambda desk: desk.put("pay.txt", "Aino earns nothing.", groups=["hr"]),
        set(),
    ),
    "another tenant's documents change": (lambda desk: desk.put("x.txt", "X", tenant="evil"), set()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_documents_shows(desk, change):
    before = told(desk)
    make, expected = CHANGES[change]
    make(desk)
    assert changes(before, told(desk)) == expected


def test_the_same_words_elsewhere_are_the_same_corpus(desk):
    before = told(desk)
    desk.put("moved.txt", "Employees get 27 days of paid leave.")
    desk.remove("leave.txt")
    assert told(desk) == before


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"retrieve": 7}, {"index"}),
        ({"passages": 2}, {"prompt"}),
        ({"context_tokens": 1_000}, {"prompt"}),
        ({"terms": Terms("qa-2", "default-1")}, {"adapter"}),
        ({"terms": Terms("qa-1", "default-2")}, {"policy"}),
        ({"principal": Principal.administrator("acme")}, {"corpus", "index"}),
        ({"port": 1}, set()),
    ],
)
def test_a_change_of_settings_shows(desk, changed, expected):
    assert changes(told(desk), told(desk, **changed)) == expected


def test_the_pipeline_names_its_adapter_and_policy(desk):
    terms = desk.pipeline.terms(ANNA, "default")
    assert (terms.adapter, terms.policy) == ("base", rails().version)
    with pytest.raises(UnknownModel):
        desk.pipeline.terms(ANNA, "nope")


def test_over_http_it_is_for_the_scope_eval_and_says_who_asks(house):
    house.add("a.md", "# A\n\nalpha")
    house.add("b.md", "# B\n\nbeta", groups=["hr"])
    one, two = (house.key(groups=groups, scopes=["eval"]) for groups in ([], ["hr", "it"]))
    first, second = (house.client.get(PATH, headers=headers).json() for headers in (one, two))
    assert (first["tenant"], first["groups"], second["groups"]) == ("default", [], ["hr", "it"])
    assert first["corpus"] != second["corpus"]
    assert (first["adapter"], first["policy"]) == ("grounded-qa-1", "default-1")
    assert house.client.get(f"{PATH}?model=nope", headers=one).status_code == 404
    assert house.client.get(PATH, headers=house.key(scopes=["chat"])).status_code == 403


def test_the_policy_is_that_of_whoever_asks(desk):
    mine, theirs = rails(), rails().model_copy(update={"name": "theirs"})

    class ByTenant:
        def of(self, principal):
            return Guard(mine if principal.tenant == "acme" else theirs, [])

    desk.pipeline._guards = ByTenant()  # noqa: SLF001  # as a server has it, whose desk has one for all
    named = [desk.pipeline.terms(Principal(tenant, "x"), "default").policy for tenant in ("acme", "other")]
    assert named == [mine.version, theirs.version]
