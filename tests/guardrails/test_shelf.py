import pytest

from guardrails.errors import ModelError, PolicyError
from guardrails.guard import Guard
from guardrails.shelf import Assignments, Shelf

POLICY = "name: {name}\nmessage: {message}\nstages: {{}}"


def write(folder, name, message="m"):
    file = folder / f"{name}.yaml"
    file.write_text(POLICY.format(name=name, message=message))
    return str(file)


@pytest.fixture
def told():
    return []


@pytest.fixture
def shelf(tmp_path, told):
    names = {name: write(tmp_path, name) for name in ("general", "acme", "bot")}
    held = Assignments(names["general"], {"acme": names["acme"]}, {"acme/bot": names["bot"]})
    return Shelf(held, lambda policy: Guard(policy, []), lambda *news: told.append(news), wait=0)


@pytest.mark.parametrize(
    ("tenant", "subject", "policy"),
    [
        ("acme", "bot", "bot"),
        ("acme", "anna", "acme"),
        ("acme", None, "acme"),
        ("other", "bot", "general"),
        ("other", None, "general"),
    ],
)
def test_a_keys_own_policy_goes_before_its_tenants_and_that_before_the_general_one(
    shelf, tenant, subject, policy
):
    assert shelf.guard(tenant, subject).policy.name == policy


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(shelf, tmp_path, told):
    before = shelf.guard("acme")
    assert shelf.guard("acme") is before
    write(tmp_path, "acme", "another message")
    after = shelf.guard("acme")
    assert after.policy.message == {"en": "another message"}
    assert shelf.guard("acme") is after
    assert told == [(after.policy.version, None)]


def test_a_change_of_what_a_policy_extends_counts_as_its_own(tmp_path, told):
    base = write(tmp_path, "base")
    own = tmp_path / "own.yaml"
    own.write_text(f"extends: {base}\nname: own")
    shelf = Shelf(
        Assignments(str(own), {}, {}),
        lambda policy: Guard(policy, []),
        lambda *news: told.append(news),
        wait=0,
    )
    write(tmp_path, "base", "another message")
    assert shelf.guard("acme").policy.message == {"en": "another message"}


@pytest.mark.parametrize("fault", ["name: [", "name: x", "name: 2020-13-45", None])
def test_a_policy_that_breaks_while_it_is_in_force_leaves_the_one_before(shelf, tmp_path, told, fault):
    before = shelf.guard("acme")
    file = tmp_path / "acme.yaml"
    file.write_text(fault) if fault else file.unlink()
    assert shelf.guard("acme") is before
    assert isinstance(told[0][1], PolicyError)
    write(tmp_path, "acme", "mended")
    assert shelf.guard("acme").policy.message == {"en": "mended"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PolicyError("no such code"), "no such code"),
        (ModelError("no model"), "no model"),
        (ZeroDivisionError("its words"), "ZeroDivisionError at test_shelf.py"),
        (RecursionError(), "RecursionError"),
    ],
)
def test_whatever_making_a_rail_raises_the_guard_before_stays_and_it_is_told(tmp_path, told, error, said):
    name = write(tmp_path, "general")

    def make(policy):
        if policy.message == {"en": "broken"}:
            raise error
        return Guard(policy, [])

    shelf = Shelf(Assignments(name, {}, {}), make, lambda *news: told.append(news), wait=0)
    before = shelf.guard("acme")
    write(tmp_path, "general", "broken")
    assert shelf.guard("acme") is before
    ((told_name, told_error),) = told
    assert told_name == name
    assert said in str(told_error)
    assert "its words" not in str(told_error)


def test_a_comment_changes_no_verdict_and_keeps_the_guard(shelf, tmp_path, told):
    before = shelf.guard("acme")
    file = tmp_path / "acme.yaml"
    file.write_text(file.read_text() + "\n# why")
    assert shelf.guard("acme") is before
    assert not told


def test_a_policy_that_cannot_be_used_stops_the_start(tmp_path):
    held = Assignments(write(tmp_path, "general"), {"acme": str(tmp_path / "none.yaml")}, {})
    with pytest.raises(PolicyError, match=r"none\.yaml"):
        Shelf(held, lambda policy: Guard(policy, []), lambda *_: None)


def test_a_file_is_looked_at_again_only_after_a_while(tmp_path):
    name = write(tmp_path, "general")
    shelf = Shelf(Assignments(name, {}, {}), lambda policy: Guard(policy, []), lambda *_: None, wait=600)
    before = shelf.guard("acme")
    write(tmp_path, "general", "changed")
    assert shelf.guard("acme") is before
