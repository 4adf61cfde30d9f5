"""The pointer is followed, and never ahead of what can answer."""

from concurrent.futures import Future

import pytest

from service.adapters import AdapterRegistry
from service.errors import ModelUnavailable
from service.promotion import Promotion
from service.split import Split


class Servant:
    """Becomes ready when it is told to."""

    def __init__(self) -> None:
        self.futures: dict[str, Future[None]] = {}
        self.held: set[str] = set()

    def want(self, name: str) -> Future[None]:
        return self.futures.setdefault(name, Future())

    def tend(self, held) -> None:
        self.held = set(held)

    def finish(self, name: str, error: Exception | None = None) -> None:
        future = self.want(name)
        if error:
            future.set_exception(error)
        else:
            future.set_result(None)


@pytest.fixture
def folder(tmp_path):
    for name in ("qa-1", "qa-2", "qa-3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter_config.json").write_text("{}")
    (tmp_path / "promoted").write_text("qa-1\n")
    return tmp_path


class House:
    def __init__(self, folder, split=None) -> None:
        self.folder, self.servant = folder, Servant()
        self.registry = AdapterRegistry(folder, "base", split=split)
        self.promotion = Promotion(self.registry, self.servant, interval=3_600)
        self.servant.finish("qa-1")
        self.promotion.start()

    def promote(self, name: str) -> None:
        (self.folder / "promoted").write_text(f"{name}\n")
        self.promotion.round()

    @property
    def serving(self) -> str:
        return self.registry.resolve("default")


@pytest.fixture
def house(folder):
    house = House(folder)
    yield house
    house.promotion.close()


def test_what_is_promoted_at_the_start_is_ready_before_anything_is_served(house):
    assert house.serving == "qa-1"


def test_the_old_one_is_served_until_the_new_one_is_ready(house):
    house.promote("qa-2")
    assert house.serving == "qa-1"
    assert house.servant.held == {"qa-1", "qa-2"}
    house.servant.finish("qa-2")
    house.promotion.round()
    assert house.serving == "qa-2"
    house.promotion.round()
    assert house.servant.held == {"qa-2"}


def test_a_rollback_is_the_same_move(house):
    house.servant.finish("qa-2")
    house.promote("qa-2")
    house.promote("qa-1")
    assert house.serving == "qa-1"


def test_one_that_never_becomes_ready_is_never_served_and_the_log_says_so_once(house, capsys):
    house.servant.finish("qa-2", ModelUnavailable("qa-2", "the file is damaged"))
    house.promote("qa-2")
    for _ in range(3):
        house.promotion.round()
    assert house.serving == "qa-1"
    assert "".join(capsys.readouterr()).count("promotion failed") == 1
    house.servant.finish("qa-3")
    house.promote("qa-3")
    assert house.serving == "qa-3"


@pytest.mark.parametrize("pointer", ["", "gone", "../qa-2"])
def test_a_pointer_to_nothing_changes_nothing(house, pointer):
    house.promote(pointer)
    assert house.serving == "qa-1"
    assert house.servant.held == {"qa-1"}


def test_a_change_of_mind_before_the_new_one_is_ready_costs_nothing(house):
    house.promote("qa-2")
    house.promote("qa-1")
    house.servant.finish("qa-2")
    house.promotion.round()
    assert house.serving == "qa-1"


def test_the_candidate_of_a_comparison_is_held_as_well(folder):
    house = House(folder, Split("qa-3", 0.5))
    house.promotion.round()
    assert house.servant.held == {"qa-1", "qa-3"}
    house.promotion.close()


def test_a_candidate_has_its_share_only_while_it_is_ready(folder):
    house = House(folder, Split("qa-3", 1.0))
    chosen = [house.registry.choose("default", "k")]
    for lost in (False, True):
        if lost:  # its engine has ended, and comes up again
            del house.servant.futures["qa-3"]
        else:
            house.servant.finish("qa-3")
        house.promotion.round()
        chosen.append(house.registry.choose("default", "k"))
    assert chosen == [("qa-1", ""), ("qa-3", "candidate"), ("qa-1", "")]
    house.promotion.close()


def test_a_candidate_that_never_becomes_ready_is_told_once_and_asked_nothing(folder, capsys):
    house = House(folder, Split("qa-3", 1.0))
    house.servant.finish("qa-3", ModelUnavailable("qa-3", "the file is damaged"))
    house.servant.finish("qa-2", ModelUnavailable("qa-2", "the file is damaged"))
    house.promote("qa-2")
    for _ in range(3):
        house.promotion.round()
    assert house.registry.choose("default", "k") == ("qa-1", "")
    told = "".join(capsys.readouterr())
    assert (told.count("comparison failed"), told.count("promotion failed")) == (1, 1)
    house.promotion.close()


def test_a_canary_begins_grows_and_ends_while_the_server_runs(house):
    def told(share):
        (house.folder / "canary").write_text(f'{{"candidate": "qa-3", "share": {share}}}')
        house.promotion.round()
        return house.registry.choose("default", "k")

    assert told(1.0) == ("qa-1", "")  # it is not ready
    assert house.servant.held == {"qa-1", "qa-3"}
    house.servant.finish("qa-3")
    assert told(1.0) == ("qa-3", "candidate")
    assert told(0.0) == ("qa-1", "baseline")
    (house.folder / "canary").unlink()
    house.promotion.round()
    assert house.registry.choose("default", "k") == ("qa-1", "")
    assert house.servant.held == {"qa-1"}


def test_a_canary_file_that_is_damaged_ends_the_comparison_and_is_told_once(house, capsys):
    house.servant.finish("qa-3")
    for text in ('{"candidate": "qa-3", "share": 1}', "{", "{"):
        (house.folder / "canary").write_text(text)
        house.promotion.round()
    assert house.registry.choose("default", "k") == ("qa-1", "")
    assert "".join(capsys.readouterr()).count("comparison failed") == 1


def test_a_start_that_cannot_be_made_is_told(folder):
    servant = Servant()
    servant.finish("qa-1", ModelUnavailable("qa-1", "the file is damaged"))
    with pytest.raises(ModelUnavailable, match="damaged"):
        Promotion(AdapterRegistry(folder, "base"), servant).start()


def test_engines_that_load_on_demand_are_not_waited_for(folder):
    registry = AdapterRegistry(folder, "base")
    registry.serve("qa-1")
    promotion = Promotion(registry, Servant(), interval=3_600)
    promotion.start()
    promotion.close()
    assert registry.serving == "qa-1"
