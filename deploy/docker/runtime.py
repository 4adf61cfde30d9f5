"""Prints the lock file's lines without those of the dev group: what an image installs."""

import re
import tomllib
from pathlib import Path


def name(line: str) -> str:
    """The package that a requirement is about, as the package index spells it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", line.strip(), maxsplit=1)[0]).lower()


def runtime(lock: str, project: str) -> list[str]:
    """The lines of `lock` for packages that are not in the dev group of `project`."""
    developers = {name(line) for line in tomllib.loads(project)["dependency-groups"]["dev"]}
    return [line for line in lock.splitlines() if line and line[0] != "#" and name(line) not in developers]


if __name__ == "__main__":
    print("\n".join(runtime(Path("requirements.lock").read_text(), Path("pyproject.toml").read_text())))
