"""A batch of questions in a file: JSON Lines of `{"id", "query"}`."""

import json
from pathlib import Path
from typing import Any

from ingest.errors import BadBatch


def read_queries(file: Path) -> list[dict[str, Any]]:
    """The questions of `file`, in order; empty lines are none.

    Raises:
        BadBatch: the file cannot be read, or a line is no question.
    """
    queries = []
    try:
        # A string in JSON may hold U+2028 and the like, which `splitlines` would break lines at.
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadBatch(f"{file} cannot be read ({error})", "name a JSON Lines file in UTF-8") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            queries.append({"id": row["id"], "query": row["query"]})
        except (ValueError, TypeError, KeyError) as error:
            raise BadBatch(f'{file}, line {number}: no {{"id", "query"}}', "mend that line") from error
    return queries
