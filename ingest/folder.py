"""Folders say who may see what lies below them: `.plumbline.yaml`, key by key, the nearest file wins."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.access import Access
from ingest.errors import BadManifest, NoReaders

MANIFEST = ".plumbline.yaml"
MOST_LINKS = 40  # as Linux follows

Name = Annotated[str, Field(min_length=1, max_length=200)]
# With a limit, half of a surrogate pair is refused too: no database takes it.
Text = Annotated[str, Field(max_length=1_000)]


class Manifest(BaseModel):
    """What a `.plumbline.yaml` may hold. `groups: []` means the whole tenant; an absent key means nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    groups: tuple[Name, ...] = Field(default=(), strict=False)
    labels: tuple[Name, ...] = Field(default=(), strict=False)
    language: Text = ""
    expires: date | None = Field(default=None, strict=False)
    superseded: bool = False
    superseded_by: Name | None = None
    license: Text = ""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a document has from where it lies: who may see it, and what its folders say of it."""

    access: Access
    labels: frozenset[str] = field(default=frozenset())
    language: str | None = None
    expires: str | None = None
    superseded_by: str | None = None
    license: str | None = None

    def under(self, manifest: Manifest) -> "Properties":
        """These properties, with the keys that `manifest` sets taken from it."""
        given = manifest.model_fields_set
        return replace(
            self,
            access=Access.of(self.access.tenant, manifest.groups) if "groups" in given else self.access,
            labels=frozenset(manifest.labels) if "labels" in given else self.labels,
            language=manifest.language if "language" in given else self.language,
            expires=manifest.expires.isoformat() if manifest.expires else self.expires,
            superseded_by=_superseded_by(manifest, self.superseded_by),
            license=manifest.license if "license" in given else self.license,
        )

    def narrowed(self, beyond: "Properties", *, default: bool) -> "Properties":
        """These, for a file that is linked, with what holds `beyond` the link; never readable by more.

        `default`: no manifest set this access, so that one may replace its groups as for any other file.

        Raises:
            NoReaders: both restrict it, to groups that have none in common.
        """
        here, there = self.access.groups, beyond.access.groups
        groups = here & there if here and there and not default else there or here
        if here and not groups:
            raise NoReaders(
                f"a link: {_names(here)} may read it here, {_names(there)} where it lies",
                "give both folders a group in common, or remove the link",
            )
        ends = [day for day in (self.expires, beyond.expires) if day]
        said = beyond.access is not self.access
        access = Access(self.access.tenant, groups) if said else self.access
        labels = self.labels | beyond.labels
        successor = self.superseded_by if beyond.superseded_by is None else beyond.superseded_by
        return replace(
            beyond, access=access, labels=labels, expires=min(ends, default=None), superseded_by=successor
        )


def _superseded_by(manifest: Manifest, above: str | None) -> str | None:
    """What supersedes what lies below the manifest; `superseded: false` takes back what one above says."""
    if manifest.superseded_by is not None:
        return manifest.superseded_by
    if "superseded" in manifest.model_fields_set:
        return "" if manifest.superseded else None
    return above


class Folders:
    """The manifests of the folders above a file, each read once.

    Those above the synced path count too: syncing one file of a restricted folder restricts it.
    """

    def __init__(self, defaults: Properties) -> None:
        self._defaults = defaults
        self._known: dict[Path, Properties | BadManifest] = {}
        self._beyond: dict[Properties, Folders] = {}

    def of(self, file: Path) -> Properties:
        """What the file has. If links lead to it, the folders that they lead through narrow it.

        Raises:
            BadManifest: as `properties` does.
            NoReaders: the folders on the way restrict it to groups that have none in common.
        """
        first, *others = _places(file)
        found = self.properties(first)
        for folder in others:
            folders = self._beyond.setdefault(found, Folders(found))
            default = found.access is self._defaults.access
            found = found.narrowed(folders.properties(folder), default=default)
        return found

    def properties(self, folder: Path) -> Properties:
        """What the files in `folder` (absolute) have.

        Raises:
            BadManifest: a manifest there or above cannot be followed. The files must not be indexed then:
                nobody knows who may see them.
        """
        if folder not in self._known:
            self._known[folder] = self._found(folder)
        known = self._known[folder]
        if isinstance(known, BadManifest):
            raise BadManifest(known.message, known.remedy)
        return known

    def _found(self, folder: Path) -> Properties | BadManifest:
        try:
            above = self._defaults if folder == folder.parent else self.properties(folder.parent)
            manifest = _read(folder / MANIFEST)
        except BadManifest as error:
            return error
        return above.under(manifest) if manifest else above


def _places(file: Path) -> Iterator[Path]:
    """The file's folder; with links in its path, the first link's, and where each link leads, to the end."""
    real = Path(os.path.realpath(file))
    link = _first_link(file) if real != file else None
    yield (link or file).parent
    if link is None:
        return
    for _ in range(MOST_LINKS):
        file = Path(os.path.normpath(link.parent / link.readlink() / file.relative_to(link)))
        yield file.parent
        link = _first_link(file)
        if link is None:
            break
    yield real.parent


def _first_link(file: Path) -> Path | None:
    return next((part for part in (*reversed(file.parents), file) if part.is_symlink()), None)


def _names(groups: frozenset[str]) -> str:
    return ", ".join(sorted(groups))


def _read(file: Path) -> Manifest | None:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        return Manifest.model_validate({} if content is None else content)
    except FileNotFoundError:
        return None
    except OSError as error:
        fault = f"cannot be read ({error.strerror})"
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
        fault = "; ".join(faults)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        fault = f"line {line} is not valid YAML ({error.problem})"
    except (yaml.YAMLError, ValueError, RecursionError):  # a 30th of February, say, or a thousand brackets
        fault = "it is not valid YAML in UTF-8"
    raise BadManifest(
        f"{file}: {fault}",
        "mend it; it may set groups, labels (lists of names), language, expires (a date), superseded (true), "
        "superseded_by (a name), license",
    )
