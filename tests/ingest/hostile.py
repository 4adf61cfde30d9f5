"""Hostile files, made in memory: each should cost only itself."""

import gzip
import io
import struct
import tarfile
import zipfile

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from tests.ingest import samples


def zipped(members, packing=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return target.getvalue()


def tarred(entries):
    """A tar archive of (name, content) or of `tarfile.TarInfo`."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as made:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                made.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                made.addfile(info, io.BytesIO(entry[1]))
    return target.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def overlapping_bomb():
    """A ZIP archive whose directory names the same 2 MiB of zeros 400 times."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros.txt", bytes(2 << 20))
        made.filelist *= 400
    return target.getvalue()


def nested_bomb(levels=8, width=8):
    """Archives of archives: 8 to the power of 8 files."""
    data = b"words " * 50_000
    for level in range(levels):
        data = zipped({f"{level}-{number}.{'zip' if level else 'txt'}": data for number in range(width)})
    return data


def locked_zip():
    """A ZIP archive whose one member is marked as encrypted."""
    data = bytearray(zipped({"locked.txt": b"words", "open.txt": b"Open words."}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def laughs(root="lolz"):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><{root}>&l9;</{root}>'.encode()


def laughing_word():
    """A Word document whose text is a billion laughs."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(samples.word())) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            made.writestr(name, laughs() if name == "word/document.xml" else source.read(name))
    return target.getvalue()


def long_pdf(pages=10_000):
    """A PDF of empty pages, written by hand."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = " ".join(f"{number} 0 R" for number in range(3, pages + 3))
    objects.append(f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode())
    objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * pages
    body, places = io.BytesIO(), []
    body.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, start=1):
        places.append(body.tell())
        body.write(b"%d 0 obj%s endobj\n" % (number, content))
    begin = body.tell()
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    body.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, table))
    body.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, begin))
    return body.getvalue()


def linked_word(url):
    """A Word document that shows a picture from `url`."""
    document = docx.Document()
    paragraph = document.add_paragraph("Linked words.")
    relation = document.part.relate_to(url, RELATIONSHIP_TYPE.IMAGE, is_external=True)
    blip = OxmlElement("a:blip")
    blip.set(qn("r:link"), relation)
    paragraph._p.append(blip)  # noqa: SLF001  # python-docx has no call for external pictures
    return samples.saved(document)


def linked_odt(url):
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
        'xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text><text:p>Linked words.'
        f'<draw:frame><draw:image xlink:href="{url}"/></draw:frame></text:p></office:text></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped(
        {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}, zipfile.ZIP_STORED
    )


def entity(url):
    return f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "{url}">]><d>Linked words. &x;</d>'.encode()


def outer_dtd(url):
    return f'<?xml version="1.0"?><!DOCTYPE d SYSTEM "{url}"><d>Linked words.</d>'.encode()


def lying_gzip():
    """Gzip of 300 MiB of zeros, which says at its end that they are seven bytes."""
    data = bytearray(gzip.compress(bytes(300 << 20), 6))
    data[-4:] = struct.pack("<I", 7)
    return bytes(data)
