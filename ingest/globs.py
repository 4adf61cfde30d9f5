"""Which files of a folder are meant: patterns as in a `.gitignore`. The only module that imports `pathspec`.

`*.md` is a name at any depth, `drafts/` a folder with all below it, `/top/*.txt` counts from the synced path,
`a/**/b` leaves room between; `!` before a pattern takes back what an earlier one said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pathspec import GitIgnoreSpec

from ingest.errors import Misuse


@dataclass(frozen=True, slots=True)
class Globs:
    """Files that one of `include` names, or all where there is none; but none that `exclude` names."""

    include: GitIgnoreSpec
    exclude: GitIgnoreSpec

    @classmethod
    def of(cls, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Self:
        """Of patterns.

        Raises:
            Misuse: one of them cannot be followed.
        """
        return cls(_spec(include), _spec(exclude))

    def takes(self, path: str) -> bool:
        """Whether the file at `path`, below the synced folder, is meant."""
        if self.exclude.match_file(path):
            return False
        return not len(self.include) or self.include.match_file(path)

    def enters(self, path: str) -> bool:
        """Whether anything below the folder at `path` may be meant."""
        return not self.exclude.match_file(f"{path}/")


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    for pattern in patterns:
        try:
            GitIgnoreSpec.from_lines([pattern])
        except (ValueError, re.error) as error:
            raise Misuse(
                f"{pattern!r} is no pattern",
                "write them as in a .gitignore: *.md, drafts/, /top/*.txt, a/**/b",
            ) from error
    return GitIgnoreSpec.from_lines(patterns)


EVERYTHING = Globs.of()
