"""Old Office files (compound files) and an Outlook message, written by hand."""

import struct

END, FREE, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
SECTOR, MINI = 512, 64


def compound(tree):
    """A compound file of `tree`: names to bytes (a stream) or to a dict (a storage). Streams stay small."""
    mini, chains, entries = b"", [], []
    entries.append(["Root Entry", 5, NONE, 0, 0])

    def add(children):
        nonlocal mini
        first = before = NONE
        for name, content in children.items():
            place = len(entries)
            if isinstance(content, dict):
                entries.append([name, 1, NONE, 0, 0, NONE])
                entries[place][2] = add(content)
            else:
                begin, count = len(mini) // MINI, -(-len(content) // MINI)
                chains.extend([*range(begin + 1, begin + count), END] if count else [])
                mini += content.ljust(count * MINI, b"\0")
                entries.append([name, 2, NONE, begin if count else END, len(content), NONE])
            if before == NONE:
                first = place
            else:
                entries[before][5] = place
            before = place
        return first

    entries[0][2] = add(tree)
    entries[0].append(NONE)
    mini_fat = struct.pack(f"<{len(chains)}I", *chains)
    sectors, fat = [], []

    def store(data, fill=b"\0"):
        begin, count = len(sectors), max(1, -(-len(data) // SECTOR))
        padded = data.ljust(count * SECTOR, fill)
        sectors.extend(padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR))
        fat.extend([*range(begin + 1, begin + count), END])
        return begin

    stream_at, mini_fat_at = store(mini), store(mini_fat, b"\xff")
    entries[0][3], entries[0][4] = stream_at, len(mini)
    directory_at = store(b"".join(_entry(*entry) for entry in entries))
    fat_at = len(sectors)
    fat.append(0xFFFFFFFD)
    sectors.append(struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff"))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory_at)
    mini_sectors = -(-len(mini_fat) // SECTOR)
    header += struct.pack("<IIIIII", 0, 4096, mini_fat_at, mini_sectors, END, 0)
    header += struct.pack("<I", fat_at).ljust(436, b"\xff")
    return header + b"".join(sectors)


def _entry(name, kind, child, begin, size, right):
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text) + 2, kind, 1)
        + struct.pack("<III", NONE, right, child)
        + bytes(16 + 4 + 16)
        + struct.pack("<IQ", begin, size)
    )


TEXT, BYTES, NUMBER, TIME = 0x1F, 0x102, 0x03, 0x40


def _storage(header, values):
    """A property stream and the streams of long values: `values` are by identity and type."""
    rows, streams = b"", {}
    for (identity, kind), value in values.items():
        number = value if kind in {NUMBER, TIME} else len(value)
        rows += struct.pack("<HHIQ", kind, identity, 6, number)
        if kind not in {NUMBER, TIME}:
            data = value.encode("utf-16-le") if kind == TEXT else value
            streams[f"__substg1.0_{identity:04X}{kind:04X}"] = data
    return {"__properties_version1.0": bytes(header) + rows, **streams}


def message(subject, body, attachments=(), *, html=b""):
    """An Outlook message, sent on 2026-03-02; attachments are (name, bytes or None)."""
    sent = (1_772_442_000 + 11_644_473_600) * 10**7
    values = {(0x0037, TEXT): subject, (0x1000, TEXT): body, (0x0C1A, TEXT): "Ann", (0x0039, TIME): sent}
    values |= {(0x0E06, TIME): sent, (0x0C1F, TEXT): "ann@example.com", (0x5D01, TEXT): "ann@example.com"}
    if html:
        values[0x1013, BYTES] = html
    root = _storage(32, values)
    bob = {(0x3001, TEXT): "Bob", (0x39FE, TEXT): "bob@example.com", (0x3003, TEXT): "bob@example.com"}
    root["__recip_version1.0_#00000000"] = _storage(8, bob)
    for number, (name, content) in enumerate(attachments):
        held = {(0x3705, NUMBER): 1, (0x3707, TEXT): name}
        if content is not None:
            held[0x3701, BYTES] = content
        root[f"__attach_version1.0_#{number:08X}"] = _storage(8, held)
    return compound(root)
