"""The stages on a real Ray cluster of two workers, beside those in this process."""

from dataclasses import replace

import numpy as np
import pytest
import ray
from ray.cluster_utils import Cluster

from guardrails.policy import Policy
from ingest.access import Access, Principal
from ingest.engine import Local
from ingest.errors import RayFault
from ingest.folder import Properties
from ingest.hashing import HashEmbedder
from ingest.order import Order
from ingest.ray_engine import FILES, Makers, OnRay
from ingest.scan import Root
from ingest.screen import OneScreen
from ingest.store import Mode
from ingest.sync import sync
from tests.ingest.conftest import PlainLoader, WordScreen

# Ray warns of settings of its own.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray")
ADMIN = Principal.administrator()
RULES = Policy.model_validate(
    {"name": "t", "message": "-", "stages": {"document": {"injection": {"action": "block"}}}}
)
OBJECTS = 100 * 2**20


@pytest.fixture(scope="module")
def cluster():
    node = {"num_cpus": 1, "object_store_memory": OBJECTS}
    made = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    made.add_node(**node)
    ray.init(made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


def word_screen(_policy):
    return WordScreen()


MAKERS = Makers(PlainLoader, word_screen, HashEmbedder)


class Kept:
    """A journal in a list."""

    def __init__(self):
        self.noted = []

    def note(self, screened):
        self.noted.append((screened.document_id, screened.verdict))


@pytest.fixture
def files(folder):
    for number in range(3 * FILES):
        (folder / f"{number:03}.txt").write_text(f"words about number {number}\n" * (1 + number % 3))
    for name, text in {
        "mail.txt": "a mail\n",
        "secret.txt": "the secret is out\n",
        "attack.txt": "an attack\n",
        "bad.txt": "DAMAGED",
        "picture.bin": "x",
        "box.txt": "outside\n== one.txt\ninside\n== two.txt\nDAMAGED",
    }.items():
        (folder / name).write_text(text)
    return folder


def synced(tools, folder, engine):
    journal = Kept()
    order = Order((Root.of(str(folder)),), Properties(Access.of("default", ())), engine=engine)
    report = sync(replace(tools, screens=OneScreen(WordScreen(), RULES), journal=journal), order)
    return replace(report, seconds=0.0), journal.noted


def content(library):
    """All that readers can see, and the vectors behind it."""
    records = [replace(record, updated_at="") for record in library.documents(ADMIN, 1000).records]
    passages = sorted(library.search(ADMIN, "words", 1000, Mode.DENSE), key=lambda hit: hit.chunk_id)
    return records, passages, np.array([hit.vector for hit in passages])


def test_a_cluster_makes_the_same_chunks_vectors_report_and_records_as_one_process(
    cluster, files, tools, library
):
    nodes = {node["NodeID"] for node in ray.nodes() if node["Alive"]}
    on_ray = synced(tools, files, OnRay(MAKERS, address=cluster.address))
    records, passages, vectors = content(library)
    library.remove(ADMIN, library.documents(ADMIN, 1000).records)
    local = synced(tools, files, Local())
    assert len(nodes) == 2
    assert on_ray == local
    assert len(local[1]) == 3
    assert (records, passages) == content(library)[:2]
    assert np.array_equal(vectors, content(library)[2])
    assert len(records) > 3 * FILES


def test_a_second_sync_on_a_cluster_changes_nothing(cluster, files, tools):
    engine = OnRay(MAKERS, address=cluster.address)
    first, _ = synced(tools, files, engine)
    second, _ = synced(tools, files, engine)
    assert (second.added, second.updated, second.deleted) == (0, 0, 0)
    assert second.unchanged == first.added


def no_model():
    raise OSError("no such model")


def test_a_cluster_whose_workers_cannot_work_says_so_and_publishes_nothing(cluster, files, tools, library):
    engine = OnRay(replace(MAKERS, embedder=no_model), address=cluster.address)
    with pytest.raises(RayFault, match="--engine local"):
        synced(tools, files, engine)
    assert library.documents(ADMIN).records == ()


def test_a_dry_run_on_a_cluster_says_what_would_be_done_and_embeds_nothing(cluster, files, tools, library):
    engine = OnRay(replace(MAKERS, embedder=no_model), address=cluster.address)
    order = Order((Root.of(str(files)),), Properties(Access.of("default", ())), dry=True, engine=engine)
    report = sync(replace(tools, screens=OneScreen(WordScreen(), RULES)), order)
    assert report.added > 3 * FILES
    assert library.documents(ADMIN).records == ()
