"""What holds for every test: no model hub is asked; and the databases that SQL is tested on."""

import os
from collections.abc import Callable, Iterator

import pytest

from ingest.catalog import Catalog
from service.ledger import Ledger
from tests import postgres
from tests.postgres import Cluster

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked with `tests.postgres.BOTH` on both databases."""
    if metafunc.definition.get_closest_marker("databases") and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """`sqlite`; `postgresql` too in the modules that are marked with `tests.postgres.BOTH`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL, or a reason why there is none."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip(postgres.MISSING)
    with postgres.running(programs) as started:
        yield started


@pytest.fixture(scope="session")
def templates(cluster: Cluster) -> dict[str, str]:
    """Databases of today's schema, without rows: copied for each test, since migrations take a while."""
    made = {kind: cluster.database() for kind in ("ledger", "catalog", "empty")}
    Ledger(cluster.url(made["ledger"])).close()
    Catalog(cluster.url(made["catalog"])).close()
    return made


@pytest.fixture
def copy(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Makes a PostgreSQL database of its own, a copy of one of the templates; gives its URL."""
    drops: list[Callable[[], None]] = []

    def make(kind: str) -> str:
        cluster: Cluster = request.getfixturevalue("cluster")
        name = cluster.database(request.getfixturevalue("templates")[kind])
        drops.append(lambda: cluster.drop(name))
        return cluster.url(name)

    yield make
    for drop in drops:
        drop()
