"""The OpenAPI document is kept: whatever is sent, answers are of its statuses and shapes, and none is 5xx.

The examples are many enough to find what is wrong with a schema, few enough for every run, and the same
every time.
"""

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
    (route.path_format, method.lower())
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
REFUSED = (*KEPT, "negative_data_rejection")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with scripted_house(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(scope="module")
def document(house):
    load_all_checks()
    return openapi.from_url(f"{house.url}/openapi.json", config=Config())


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
        warnings.simplefilter("ignore")  # of the fuzzer's own making: our server runs in another thread
        run()


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_are_as_documented_whatever_is_sent(house, document, path, method, mode):
    names = KEPT if mode is GenerationMode.POSITIVE else REFUSED
    checks = [CHECKS.get_one(name) for name in names]
    headers = {"Authorization": f"Bearer {house.key(*EVERY)}"}
    operation = document[path][method.upper()]
    if mode is GenerationMode.NEGATIVE and not (list(operation.iter_parameters()) or operation.body):
        pytest.skip("it takes nothing that could be wrong")
    fuzz(
        operation.as_strategy(generation_mode=mode),
        lambda case: case.call_and_validate(base_url=house.url, headers=headers, checks=checks, timeout=60),
    )


def test_every_operation_is_in_the_document(document):
    described = {(path, method) for path in document for method in document[path]}
    assert described == set(OPERATIONS)


def test_without_a_key_every_guarded_operation_answers_as_documented(house, document):
    checks = [CHECKS.get_one(name) for name in KEPT]
    for path, method in OPERATIONS:
        if path.startswith("/v1/"):
            reply = document[path][method.upper()].Case().call(base_url=house.url, headers={"X": "y"})
            assert reply.status_code == 401, path
            document[path][method.upper()].Case().validate_response(reply, checks=checks)
