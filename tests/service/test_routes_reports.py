"""Reports over HTTP: for the scope `eval`, of one's own tenant; texts for who may read what they quote."""

import json

import pytest

from ingest.access import Principal
from service.reports import Grant, ReportCard, Reports, tenant_folder
from service.routes.reports import prefers_page

SECRET = "the salary is EUR 5,850"
NIGHT = "2026-11-21"


def put(folder, tenant="acme", night=NIGHT, access=(("acme", ("hr",)),), **changed):
    """A report as `eval` leaves it."""
    home = tenant_folder(folder / "reports", tenant) / night
    home.mkdir(parents=True)
    grants = tuple(Grant(tenant=name, groups=groups) for name, groups in access)
    given = {"id": night, "date": night, "at": f"{night}T02:17:00+00:00", "verdict": "passed", "said": "Fine"}
    card = ReportCard(**(given | changed), access=grants)
    (home / "report.json").write_text(card.model_dump_json())
    (home / "metrics.json").write_text(json.dumps({"metrics": {"answer_f1": {"value": 0.8}}}))
    (home / "report.html").write_text(f"<p>{SECRET}</p>")
    (home / "summary.html").write_text("<p>summary</p>")
    return home


@pytest.fixture
def reader(house):
    """The headers of a caller with the scope."""
    return lambda groups=("hr",), tenant="acme": house.key(tenant, groups, ["eval"])


def page(house, headers, name=NIGHT):
    return house.client.get(f"/v1/reports/{name}", headers=headers | {"Accept": "text/html"})


def test_reports_are_listed_the_newest_first(house, home, reader):
    for night in ("2026-11-20", "2026-11-22", "2026-11-21"):
        put(home, night=night)
    (home / "reports/acme/2026-11-23.partial").mkdir()
    (home / "reports/acme/2026-11-24").mkdir()
    listed = house.client.get("/v1/reports", headers=reader()).json()["reports"]
    assert [each["id"] for each in listed] == ["2026-11-22", "2026-11-21", "2026-11-20"]
    assert "access" not in listed[0]
    few = house.client.get("/v1/reports?limit=1", headers=reader()).json()["reports"]
    assert [each["id"] for each in few] == ["2026-11-22"]


def test_a_report_is_figures_by_default_and_a_page_for_a_browser(house, home, reader):
    put(home)
    told = house.client.get(f"/v1/reports/{NIGHT}", headers=reader())
    assert told.json()["figures"]["metrics"]["answer_f1"]["value"] == 0.8
    assert (told.json()["verdict"], told.json()["texts"]) == ("passed", True)
    shown = page(house, reader())
    assert SECRET in shown.text
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("access", "groups", "whole"),
    [
        ([("acme", ())], (), True),
        ([("acme", ()), ("acme", ("hr",))], ("hr", "staff"), True),
        ([("acme", ("hr",)), ("acme", ("legal",))], ("hr",), False),
        ([("acme", ("hr", "legal"))], ("legal",), True),
        ([("acme", None)], ("hr",), False),
        ([("acme", ()), ("other", ())], ("hr",), False),
        ([], ("hr",), False),
    ],
)
def test_texts_are_for_who_may_read_all_that_is_quoted(house, home, reader, access, groups, whole):
    put(home, access=access)
    assert (SECRET in page(house, reader(groups)).text) is whole
    assert page(house, reader(groups)).status_code == 200
    told = house.client.get(f"/v1/reports/{NIGHT}", headers=reader(groups))
    assert told.json()["texts"] is whole
    assert SECRET not in told.text


def test_the_local_administrator_sees_all_of_the_tenant_and_nothing_of_others():
    card = ReportCard(id="", date="", at="", verdict="", said="", access=(Grant(tenant="acme"),))
    assert card.readable(Principal.administrator("acme"))
    assert not card.readable(Principal.administrator("other"))


def test_another_tenants_reports_are_not_there(house, home, reader):
    put(home)
    assert house.client.get("/v1/reports", headers=reader(tenant="other")).json() == {"reports": []}
    assert page(house, reader(tenant="other")).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e",
        "..%2facme%2f2026-11-21",
        "2026-11-21.partial",
        "2026-11-21%2f..%2f2026-11-21",
        "2026-11-22",
        "2026-11-21%00",
        "2026-11-21%0a",
        "%EF%BC%92026-11-21",  # a digit, but not one of ours
        "nightly.lock",
    ],
)
def test_a_name_is_a_date_and_leads_nowhere_else(house, home, reader, name):
    put(home)
    (home / "reports/acme/2026-11-21.partial").mkdir()
    assert page(house, reader(), name).status_code == 404


@pytest.mark.parametrize("tenant", ["..", ".", "a/b", "../acme", "~acme", "ü" * 200, "acme\n", ""])
def test_a_tenant_of_any_name_has_a_folder_of_its_own(tmp_path, tenant):
    folder = tenant_folder(tmp_path, tenant)
    assert folder.parent == tmp_path
    assert folder.resolve() == folder
    assert len(folder.name.encode()) < 200
    assert folder != tenant_folder(tmp_path, "acme")


def test_a_damaged_card_is_no_report(house, home, reader):
    (put(home) / "report.json").write_text("{")
    assert house.client.get("/v1/reports", headers=reader()).json() == {"reports": []}
    assert page(house, reader()).status_code == 404


def test_before_the_first_night_there_is_nothing(tmp_path):
    assert Reports(tmp_path).cards(Principal.administrator("acme")) == []


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("*/*", False),
        ("application/json", False),
        ("text/html", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json, text/html", False),
        ("TEXT/HTML;charset=utf-8", True),
        ("", False),
    ],
)
def test_a_page_is_for_who_names_it_first(accept, html):
    assert prefers_page(accept) is html
