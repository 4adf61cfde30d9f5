"""The OpenAPI document is kept: whatever is sent, answers are of its statuses and shapes, and none is 5xx.

The examples are many enough to find what is wrong with a schema, few enough for every run, and the same
every time.
"""

import re
import warnings

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from schemathesis import Config, GenerationMode, openapi
from schemathesis.checks import CHECKS, load_all_checks

from service.app import ROUTES
from tests.service.scripted_house import scripted_house

MOST = 20  # examples of an operation, of each kind
EVERY = ("chat", "ingest", "admin", "eval")
OPERATIONS = sorted(
    (route.path_format, method)
    for module in ROUTES
    for route in module.router.routes
    if route.include_in_schema
    for method in route.methods
)
KEPT = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# The key is ours in every request, not the fuzzer's.
CONFIG = {"generation": {"with-security-parameters": False}}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with scripted_house(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(scope="module")
def document(house):
    load_all_checks()
    return openapi.from_url(f"{house.url}/openapi.json", config=Config.from_dict(CONFIG))


def checks(*names):
    return [CHECKS.get_one(name) for name in names]


def fuzz(strategy, check):
    """Run `check` on examples: no clock decides how many, and a failure is the same next time."""

    @hypothesis.settings(
        max_examples=MOST,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def run(case):
        check(case)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the fuzzer's own: the server runs in another thread
        run()


def can_be_wrong(document, path, method):
    """Whether a request may be of the wrong shape: any text is a path."""
    described = document.raw_schema["paths"][path][method.lower()]
    queried = [each for each in described.get("parameters", ()) if each["in"] == "query"]
    return bool(queried) or "requestBody" in described


def is_form(document, path, method):
    """Whether the body is a form, which knows no types: an empty list of groups is sent as none at all."""
    body = document.raw_schema["paths"][path][method.lower()].get("requestBody", {"content": {}})
    return "multipart/form-data" in body["content"]


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_are_as_documented_whatever_is_sent(house, document, path, method, mode):
    if mode is GenerationMode.NEGATIVE and not can_be_wrong(document, path, method):
        return
    headers = {"Authorization": f"Bearer {house.key(*EVERY)}"}
    rejects = mode is GenerationMode.NEGATIVE and not is_form(document, path, method)
    kept = checks(*KEPT, *(["negative_data_rejection"] if rejects else []))
    fuzz(
        document[path][method].as_strategy(generation_mode=mode),
        lambda case: case.call_and_validate(base_url=house.url, headers=headers, checks=kept, timeout=60),
    )


def test_every_operation_is_in_the_document(document):
    paths = document.raw_schema["paths"]
    assert {(path, method.upper()) for path in paths for method in paths[path]} == set(OPERATIONS)


@pytest.mark.parametrize(("path", "method"), [each for each in OPERATIONS if each[0].startswith("/v1/")])
def test_who_brings_no_key_is_refused_as_documented(house, document, path, method):
    case = document[path][method].Case(path_parameters=dict.fromkeys(re.findall(r"{(\w+)}", path), "x"))
    reply = case.call(base_url=house.url)
    assert reply.status_code == 401
    case.validate_response(reply, checks=checks(*KEPT))


@pytest.mark.parametrize(("path", "method"), [each for each in OPERATIONS if each[0].startswith("/v1/")])
def test_every_guarded_operation_documents_its_refusals_in_openais_shape(document, path, method):
    described = document.raw_schema["paths"][path][method.lower()]["responses"]
    assert set(described) >= {"401", "403", "422", "429", "503"}
    for status, response in described.items():
        if status >= "400":
            told = response["content"]["application/json"]["schema"]
            assert told == {"$ref": "#/components/schemas/Error"}
