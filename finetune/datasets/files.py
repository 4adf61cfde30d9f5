"""Files and folders as sources: questions in either layout, chat exports, datasets built before."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.datasets.chats import read_chats
from finetune.datasets.examples import CHAT, EXAMPLES, FEEDBACK, Example, read_examples
from finetune.datasets.gathering import Gathered
from finetune.datasets.library import Library
from finetune.datasets.manifest import digest, read_manifest
from finetune.datasets.sources import read_file, read_text
from finetune.datasets.targets import Grounding
from finetune.errors import BadSource

_CHATS = ("messages", "conversations")


@dataclass(frozen=True)
class Means:
    """What chats are grounded with: the passages to look in, and the rail that has the last word.

    The library knows the documents that exported ratings name, too.
    """

    library: Callable[[], Library]
    grounding: Callable[[], Grounding]


@dataclass(frozen=True)
class File:
    """A file of questions or of chats, or the folder of a dataset."""

    path: Path
    means: Means
    license: str = ""

    def gather(self) -> Gathered:
        """As `Source.gather`."""
        if self.path.is_dir():
            return self._dataset()
        name, sha256 = str(self.path.absolute()), self._digest()
        if self._is_chats():
            examples, skipped = read_chats(self.path, self.means.library(), self.means.grounding())
            return Gathered(
                name, "chats", sha256, examples, skipped, self.license, facts=self._facts(examples)
            )
        examples = read_file(self.path)
        return Gathered(name, "questions", sha256, examples, {}, self.license, facts=self._facts(examples))

    def _facts(self, examples: Sequence[Example]) -> dict[str, int]:
        """What is known of the indexed documents that chats and exported ratings name."""
        known = {each.article for each in examples if each.article and each.origin in {CHAT, FEEDBACK}}
        return {"restricted": self.means.library().restricted(known)} if known else {}

    def _dataset(self) -> Gathered:
        """What a dataset was composed of; its sides are drawn anew, and fall as they did."""
        manifest = read_manifest(self.path)
        if "files" not in manifest:
            raise BadSource(f"{self.path}: from before November 2026: name what it was built from instead")
        if digest(self.path / EXAMPLES) != manifest["files"].get(EXAMPLES):
            raise BadSource(f"{self.path}: {EXAMPLES} was changed after the build; build the dataset again")
        examples = read_examples(self.path / EXAMPLES)
        told = "; ".join(filter(None, [self.license, *manifest["licenses"]]))
        few = sum(source.get("restricted", 0) for source in manifest["sources"])
        facts = {"restricted": few} if few else {}
        name, sha256 = str(self.path.absolute()), manifest["hash"]
        return Gathered(name, "dataset", sha256, examples, {}, told, parents=(sha256,), facts=facts)

    def _digest(self) -> str:
        if not self.path.is_file():
            raise BadSource(f"{self.path}: not readable as questions: there is no such file")
        return digest(self.path)

    def _is_chats(self) -> bool:
        """Whether the first object of the file holds a conversation."""
        text = read_text(self.path).lstrip()
        try:
            first = json.JSONDecoder().raw_decode(text.lstrip("[ \r\n\t"))[0] if text else None
        except json.JSONDecodeError:
            return False  # whoever reads it says what is wrong
        return isinstance(first, dict) and any(name in first for name in _CHATS)
