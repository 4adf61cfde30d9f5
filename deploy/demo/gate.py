"""What the loop's gate needs: questions with their passages, and an adapter that must not pass."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from client import Client

EVALUATION = Path(__file__).with_name("evaluation.jsonl")


def questions(client: Client, file: Path, most: int) -> int:
    """Write up to `most` of the demo's questions with the passages that the server finds; returns how many.

    Those whose answer is in none of them are left out, and so are those of a conversation.
    """
    rows: list[dict[str, Any]] = []
    for line in EVALUATION.read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        if asked.get("history") or len(rows) == most:
            continue
        passages = client.passages(str(asked["question"]))
        answers = [str(answer) for answer in asked.get("answers", [])]
        if any(answer in text for answer in answers for text in passages):
            rows.append({**asked, "answers": answers, "passages": passages, "answerable": True})
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return len(rows)


def spoilt(adapter: Path, out: Path) -> Path:
    """A copy of the adapter that adds nothing to its base model: half of its matrices are zeros."""
    shutil.copytree(adapter, out)
    file = out / "adapter_model.safetensors"
    data = bytearray(file.read_bytes())
    begin = 8 + int.from_bytes(data[:8], "little")
    for name, told in json.loads(data[8:begin]).items():
        if "lora_B" in name:
            start, end = (begin + offset for offset in told["data_offsets"])
            data[start:end] = bytes(end - start)
    file.write_bytes(data)
    card = json.loads((out / "card.json").read_text())
    task, _, _ = str(card["name"]).rpartition("-")
    card |= {"name": f"{task}-{hashlib.sha256(data).hexdigest()[:12]}", "figures": {}}
    (out / "card.json").write_text(json.dumps(card))
    return out
