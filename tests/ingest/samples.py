"""One leave policy with a price table in each of the seven formats, built in memory."""

import csv
import io
from email.message import EmailMessage
from functools import cache

import docx
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

TITLE = "Leave policy"
SECTION = "Parental leave"
SENTENCE = "Every employee may take parental leave of sixteen weeks at full pay. "
LONG = SENTENCE * 40
HEADERS = ("Plan", "Price", "Users")
ROWS = (("Basic", "10 EUR", "5"), ("Pro", "25 EUR", "50"), ("Enterprise", "90 EUR", "500"))


def markdown() -> bytes:
    rows = "\n".join(f"| {' | '.join(row)} |" for row in (HEADERS, ("---",) * 3, *ROWS))
    return f"# {TITLE}\n\nWho it is *for*.\n\n## {SECTION}\n\n{LONG}\n\n## Prices\n\n{rows}\n".encode()


def text() -> bytes:
    return f"{TITLE}\n====\n\nWho it is for.\n\n{SECTION.upper()}\n\n{LONG}\n".encode()


def html() -> bytes:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    head = "".join(f"<th>{name}</th>" for name in HEADERS)
    return (
        f"<html><head><title>{TITLE}</title></head><body><nav>Home</nav><h1>{TITLE}</h1>"
        f"<p>Who it is for.</p><h2>{SECTION}</h2><p>{LONG}</p><h2>Prices</h2>"
        f"<table><tr>{head}</tr>{cells}</table></body></html>"
    ).encode()


@cache
def pdf(password: str = "") -> bytes:
    target = io.BytesIO()
    encrypt = StandardEncryption(password) if password else None
    styles = getSampleStyleSheet()
    SimpleDocTemplate(target, pagesize=A4, title=TITLE, encrypt=encrypt).build(
        [
            Paragraph(TITLE, styles["Title"]),
            Paragraph("Who it is for.", styles["BodyText"]),
            Paragraph(SECTION, styles["Heading2"]),
            Paragraph(LONG, styles["BodyText"]),
            PageBreak(),
            Paragraph("Prices", styles["Heading2"]),
            Table([HEADERS, *ROWS], colWidths=120),
        ]
    )
    return target.getvalue()


def drawing() -> bytes:
    """A PDF of one page without any text."""
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.circle(100, 100, 50)
    canvas.save()
    return target.getvalue()


@cache
def word() -> bytes:
    document = docx.Document()
    document.add_heading(TITLE, 1)
    document.add_paragraph("Who it is for.")
    document.add_heading(SECTION, 2)
    document.add_paragraph(LONG)
    document.add_heading("Prices", 2)
    table = document.add_table(rows=0, cols=3)
    for row in (HEADERS, *ROWS):
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = value
    return saved(document)


def saved(document: "docx.document.Document") -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def table() -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows([HEADERS, *ROWS * 20])
    return target.getvalue().encode()


def mail() -> bytes:
    message = EmailMessage()
    message["From"] = "Ann <ann@example.com>"
    message["To"] = "Bob <bob@example.com>"
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0000"
    message["Subject"] = TITLE
    message.set_content(f"Who it is for.\n\n{LONG}\n")
    return message.as_bytes()


FILES = {
    "policy.md": markdown(),
    "policy.txt": text(),
    "policy.html": html(),
    "policy.pdf": pdf(),
    "policy.docx": word(),
    "policy.csv": table(),
    "policy.eml": mail(),
}
