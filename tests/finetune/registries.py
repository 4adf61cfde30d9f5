"""A registry of tiny adapters, and a reader that says what it is told: promotion without a model."""

import hashlib
import json
from pathlib import Path

from eval.adapter import Reply
from eval.questions import Row, Text
from eval.rules import Rules, read_rules
from finetune.hooks import Hooks
from finetune.promotion.examination import Examiner, Questions
from finetune.promotion.promote import Order, Stages
from finetune.promotion.registry import Registry

BASE = "tiny"
COUNT = 40
RULES = read_rules(Path(__file__).parents[2] / "finetune" / "promotion" / "gate.toml")


def adapter(folder: Path, weights: str, base: str = BASE, **card: object) -> Path:
    """A folder as training leaves it; its name is the hash of `weights`."""
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text("{}")
    (folder / "adapter_model.safetensors").write_text(weights)
    (folder / "checkpoint.pt").write_text("gigabytes")
    (folder / "card.json").write_text(
        json.dumps({"name": name(weights), "base": base, "parent": None} | card)
    )
    return folder


def name(weights: str) -> str:
    """The adapter's name."""
    return f"qa-{hashlib.sha256(weights.encode()).hexdigest()[:12]}"


def questions(count: int = COUNT) -> Questions:
    """As many answerable rows as others, half of them over unrelated passages."""
    shown = (Text("Pumps", "The pump weighs 9 kg."), Text("Fans", "The fan is blue."))
    rows = [Row(f"a{n}", f"Weight {n}?", ("9 kg",), shown, 1, "answerable") for n in range(count)]
    rows += [Row(f"n{n}", f"Maker {n}?", (), shown, 0, "adversarial") for n in range(count // 2)]
    rows += [Row(f"u{n}", f"Moon {n}?", (), shown, 0, "unrelated") for n in range(count // 2)]
    return Questions("set.json", tuple(rows))


class Scripted:
    """Answers as well as it is told for each adapter: 1.0 all right, 0.0 all wrong. Counts its rows."""

    def __init__(self, skill: dict[str, float]) -> None:
        self.skill, self.asked = skill, dict[str, int]()

    def __call__(self, adapter: str, row: Row) -> Reply:
        """Say it."""
        self.asked[adapter] = self.asked.get(adapter, 0) + 1
        number = int("".join(filter(str.isdigit, row.id)))
        right = f"{row.answers[0]} [{row.gold}]" if row.gold else "I don't know"
        return Reply(row, right if number < self.skill.get(adapter, 1.0) * COUNT else "The moon [2]", 5.0)


class Lenient:
    """Rails that let everything out, and find all of it grounded."""

    def scores(self, replies):
        """The same for all."""
        return {
            "grounded": {reply.row.id: 1.0 for reply in replies if not reply.refused},
            "output_blocked": {reply.row.id: 0.0 for reply in replies},
        }


def stages(home: Path, ask=None, hooks=None) -> Stages:
    """A promotion's stages over `home/registry`."""
    asking = ask or Scripted({})
    examiner = Examiner(asking, lambda _: "plain", Lenient(), home / "replies", lambda *_: None)
    registry = Registry(home / "registry", BASE)
    registry.folder.mkdir(parents=True, exist_ok=True)
    return Stages(registry, examiner, Hooks(hooks), lambda *_: ())


def order(adapter: Path, asked: Questions | None = None, rules: Rules = RULES, **more: object) -> Order:
    """Promote it, by anna."""
    return Order(adapter, asked or questions(), rules, "anna", **more)
