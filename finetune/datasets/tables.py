"""Made-up tables as passages: rows of "Header: value" with questions about one cell.

Public question sets hold prose only, but companies keep prices, people and dates in tables, and
ingestion writes a table's row as `Header: value; Header: value`. Names are invented; nothing here
is a fact.
"""

import random

from finetune.datasets.examples import Paragraph, Question

_KINDS = [
    ("Price list", "Product", ["Price", "Warranty", "Stock", "Weight", "Article number"]),
    ("Staff directory", "Name", ["Role", "Office", "Manager", "Start date", "Annual salary"]),
    ("Suppliers", "Supplier", ["Country", "Contact", "Lead time", "Payment terms", "Contract end"]),
    ("Project milestones", "Milestone", ["Owner", "Due date", "Status", "Budget"]),
    ("Training calendar", "Course", ["Date", "Trainer", "Room", "Seats"]),
    ("Meeting rooms", "Room", ["Floor", "Capacity", "Equipment"]),
    ("Service levels", "Plan", ["Response time", "Monthly fee", "Support hours", "Users"]),
]
_STARTS = [
    "Al",
    "Bren",
    "Cor",
    "Da",
    "El",
    "Fen",
    "Gar",
    "Hol",
    "Is",
    "Jor",
    "Kal",
    "Lum",
    "Mar",
    "Nor",
    "Or",
    "Pel",
    "Quin",
    "Ros",
    "Sol",
    "Tar",
    "Ul",
    "Ven",
    "Wil",
    "Yar",
    "Zan",
]
_ENDS = ["ba", "den", "dra", "fin", "gard", "ka", "lin", "mo", "na", "ra", "sen", "ta", "tis", "vik", "wyn"]
_PLACES = ["Lisbon", "Oslo", "Turin", "Ghent", "Graz", "Porto", "Lyon", "Riga", "Bergen", "Malmö"]
_MONTHS = ["January", "March", "April", "June", "August", "October", "November"]


def make_tables(count: int, dice: random.Random) -> list[Paragraph]:
    """`count` tables of four to eight rows, each with questions about cells and two without an answer."""
    return [_table(*dice.choice(_KINDS), dice) for _ in range(count)]


def _table(title: str, key: str, headers: list[str], dice: random.Random) -> Paragraph:
    columns = dice.sample(headers, dice.randint(2, len(headers)))
    names = list({made_up_name(key, dice) for _ in range(dice.randint(5, 9))})
    absent, rows = names[0], {name: {c: made_up_value(c, dice) for c in columns} for name in names[1:]}
    separator, arrow = dice.choice([("; ", ": "), (" | ", ": "), (", ", ": ")])
    lines = [
        separator.join([f"{key}{arrow}{n}"] + [f"{c}{arrow}{v}" for c, v in row.items()])
        for n, row in rows.items()
    ]
    asked = [(name, column) for name in rows for column in columns]
    questions = [Question(_ask(n, c, dice), rows[n][c]) for n, c in dice.sample(asked, min(4, len(asked)))]
    missing = [header for header in headers if header not in columns]
    questions.append(Question(_ask(absent, dice.choice(columns), dice), None))
    if missing:
        questions.append(Question(_ask(dice.choice(list(rows)), dice.choice(missing), dice), None))
    return Paragraph("", title, "\n".join(lines), tuple(questions))


def _ask(name: str, column: str, dice: random.Random) -> str:
    what = column.lower()
    forms = [
        f"What is the {what} of {name}?",
        f"What is {name}'s {what}?",
        f"{name}: {what}?",
        f"Which {what} does {name} have?",
    ]
    natural = {
        "Price": [f"How much does the {name} cost?", f"What does {name} cost?"],
        "Monthly fee": [f"How much is {name} a month?", f"What does the {name} plan cost?"],
        "Annual salary": [f"How much does {name} earn?", f"What salary does {name} get?"],
        "Manager": [f"Who manages {name}?", f"Who does {name} report to?"],
        "Owner": [f"Who owns {name}?", f"Who is responsible for {name}?"],
        "Due date": [f"When is {name} due?"],
        "Date": [f"When does {name} take place?"],
        "Capacity": [f"How many people fit into {name}?"],
        "Warranty": [f"How long is the warranty on {name}?"],
        "Response time": [f"How fast is the response on {name}?"],
    }
    return dice.choice(forms[:2] + natural.get(column, forms[2:]))


def made_up_name(key: str, dice: random.Random) -> str:
    """An invented name of what the column `key` holds."""
    if key == "Name":
        return f"{_word(dice)} {_word(dice)}"
    if key == "Product":
        return f"{_word(dice)} {dice.choice(['Mini', 'Pro', 'X', 'Plus', 'S', 'Air'])} {dice.randint(2, 900)}"
    return f"{_word(dice)} {dice.choice(['Ltd', 'North', 'One', 'Works', 'Advanced', 'Basics'])}"


def _word(dice: random.Random) -> str:
    return dice.choice(_STARTS) + dice.choice(_ENDS)


def made_up_value(header: str, dice: random.Random) -> str:
    """An invented value of the column `header`."""
    money = f"{dice.choice(['EUR', 'USD', 'SEK'])} {dice.randint(2, 98)},{dice.randint(100, 999)}"
    date = f"{dice.randint(1, 28)} {dice.choice(_MONTHS)} {dice.randint(2022, 2028)}"
    person = f"{_word(dice)} {_word(dice)}"
    return {
        "Price": money, "Monthly fee": money, "Budget": money, "Annual salary": money,
        "Start date": date, "Contract end": date, "Due date": date, "Date": date,
        "Manager": person, "Contact": person, "Owner": person, "Trainer": person,
        "Office": dice.choice(_PLACES), "Country": dice.choice(_PLACES),
        "Room": f"Room {dice.randint(1, 60)}",
        "Warranty": f"{dice.randint(1, 10)} years", "Lead time": f"{dice.randint(2, 12)} weeks",
        "Response time": f"{dice.randint(1, 48)} hours", "Weight": f"{dice.randint(1, 90)} kg",
        "Payment terms": f"{dice.choice([14, 30, 45, 60])} days", "Stock": str(dice.randint(0, 400)),
        "Seats": str(dice.randint(6, 40)), "Users": str(dice.randint(5, 500)),
        "Floor": str(dice.randint(1, 9)), "Capacity": str(dice.randint(2, 60)),
        "Article number": f"{dice.choice('ABCK')}-{dice.randint(1000, 9999)}",
        "Role": dice.choice(["Fitter", "Data engineer", "Head of Sales", "Accountant", "Product designer"]),
        "Status": dice.choice(["on track", "delayed", "done", "not started"]),
        "Equipment": dice.choice(["projector", "whiteboard", "video wall", "two screens"]),
        "Support hours": dice.choice(["24/7", "weekdays 8 to 18", "weekdays 9 to 17"]),
    }[header]  # fmt: skip
