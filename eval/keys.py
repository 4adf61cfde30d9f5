"""Keys to ask with: given by whoever evaluates, or made for a run on this machine and ended with it."""

import json
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from eval.audience import SCOPES, SUBJECT, Audience
from eval.errors import NoKey
from ingest.catalog import Catalog
from service.errors import NotFound
from service.keys import Keyring
from service.ledger import Ledger

# A run that is killed cannot end its keys: time does.
LASTS = timedelta(days=1)
_PAGE = 1_000


def given(audiences: Sequence[Audience], key: str | None, file: Path | None) -> dict[Audience, str]:
    """The key of each audience: from the `file`, or `key` where one audience asks everything.

    Raises:
        NoKey: an audience has none, or the file cannot be read.
    """
    keys = _read(file) if file else {}
    if key and len(audiences) == 1:
        keys[audiences[0]] = key
    missing = [str(audience) for audience in audiences if audience not in keys]
    if missing:
        raise NoKey(
            f"no key to ask as {'; '.join(missing)}: name them in a --keys file, TOML or JSON, "
            f'such as "{missing[0]}" = "pk-..."; keys need the scopes {",".join(SCOPES)}'
        )
    return {audience: keys[audience] for audience in audiences}


@contextmanager
def short_lived(
    ledger: Ledger, catalog: Catalog, audiences: Sequence[Audience]
) -> Iterator[dict[Audience, str]]:
    """A key for each audience, for as long as the block lasts; a day at most.

    Who may see all of a tenant asks as a member of every group that a document of it names.
    """
    keyring, ends = Keyring(ledger), datetime.now(UTC) + LASTS
    made = dict[Audience, tuple[str, str]]()
    try:
        for audience in audiences:
            groups = _every_group(catalog, audience) if audience.groups is None else audience.groups
            made[audience] = keyring.create(audience.tenant, groups, SCOPES, SUBJECT, ends)
        yield {audience: key for audience, (_, key) in made.items()}
    finally:
        for key_id, _ in made.values():
            with suppress(NotFound):  # somebody was faster
                keyring.revoke(key_id)


def _every_group(catalog: Catalog, audience: Audience) -> frozenset[str]:
    groups, cursor = set[str](), None
    while True:
        page = catalog.documents(audience.principal, _PAGE, cursor)
        groups.update(*(record.access.groups for record in page.records))
        cursor = page.next
        if cursor is None:
            return frozenset(groups)


def _read(file: Path) -> dict[Audience, str]:
    try:
        text = file.read_text(encoding="utf-8")
        told = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise NoKey(f"{file} is no readable TOML or JSON file of keys: {type(error).__name__}") from error
    if not isinstance(told, dict) or not all(isinstance(key, str) for key in told.values()):
        raise NoKey(f'{file}: write a line such as "acme:hr" = "pk-..." for each who asks')
    return {Audience.parse(name): key for name, key in told.items()}
