"""Made-up pairs of passages that are easily taken for one another: what small models get wrong at work.

Two tables that name the same thing, once as the row's own and once in another column; and rules with limits,
where "up to" and "above" have different answers. Nothing here is a fact. The two tables of a pair are one
article, so that they mostly stand in the same reading.
"""

import random
from collections.abc import Iterable, Iterator, Mapping

from finetune.datasets.examples import Paragraph, Question
from finetune.datasets.tables import made_up_name, made_up_value

_PARTS = ["Filter", "Battery", "Cover", "Cable", "Motor", "Lamp", "Handle", "Seal", "Remote control", "Stand"]
_MATTERS = [
    ("Purchases", "purchase", "approved"), ("Discounts", "discount", "granted"),
    ("Refunds", "refund", "released"), ("Journeys", "journey", "approved"),
    ("Contracts", "contract", "signed"), ("Loans", "loan", "checked"),
    ("Write-offs", "write-off", "confirmed"), ("Donations", "donation", "decided on"),
]  # fmt: skip
_ROLES = [
    "the site manager", "the treasurer", "the board", "the head of unit", "the regional director",
    "the controller", "the managing director", "two directors together", "the purchasing desk",
    "the department head",
]  # fmt: skip
_LIMITS = [50, 100, 200, 250, 400, 750, 1_000, 2_000, 2_500, 4_000, 7_500, 10_000, 20_000, 50_000]


def make_rivals(count: int, dice: random.Random) -> list[Paragraph]:
    """`count` pairs of tables, with questions that tell them apart."""
    return [paragraph for number in range(count) for paragraph in _tables(f"rivals {number}", dice)]


def make_limits(count: int, dice: random.Random) -> list[Paragraph]:
    """`count` rules with a limit, with questions about both sides of it."""
    return [_rule(f"limits {number}", dice) for number in range(count)]


def _tables(article: str, dice: random.Random) -> Iterator[Paragraph]:
    products = sorted({made_up_name("Product", dice) for _ in range(dice.randint(3, 6))})
    price = {product: made_up_value("Price", dice) for product in products}
    parts = {f"{dice.choice(_PARTS)} for {product}": product for product in dice.sample(products, 2)}
    cost = {part: made_up_value("Price", dice) for part in parts}
    between = dice.choice(["; ", " | "])
    years = {product: made_up_value("Warranty", dice) for product in products}
    rows = [(f"Product: {name}", f"Warranty: {years[name]}", f"Price: {price[name]}") for name in products]
    spare = [(f"Part: {part}", f"Fits: {parts[part]}", f"Price: {cost[part]}") for part in parts]
    for title, lines, table, asked in (
        ("Price list", rows, price, parts.values()),
        ("Spare parts", spare, cost, parts.keys()),
    ):
        text = "\n".join(between.join(line) for line in lines)
        yield Paragraph(article, title, text, tuple(_prices(table, asked, dice)))


def _prices(price: Mapping[str, str], asked: Iterable[str], dice: random.Random) -> Iterator[Question]:
    for name in asked:
        form = dice.choice(["What is the price of the {}?", "How much is the {}?", "What does the {} cost?"])
        yield Question(form.format(name), price[name])


def _rule(article: str, dice: random.Random) -> Paragraph:
    title, one, done = dice.choice(_MATTERS)
    limit, far = sorted(dice.sample(_LIMITS, 2))
    low, high = dice.sample(_ROLES, 2)
    money = dice.choice(["EUR {:,}", "USD {:,}", "£{:,}"])
    under, over = (text.format(money.format(limit)) for text in dice.choice([
        ("of up to {}", "above {}"), ("of at most {}", "of more than {}"), ("up to {}", "over {}"),
    ]))  # fmt: skip
    rules = [f"A {one} {under} is {done} by {low}.", f"A {one} {over} is {done} by {high}."]
    dice.shuffle(rules)
    below = limit - max(1, limit // dice.choice([4, 5, 10]))
    asked = [
        (f"By whom is a {one} {over} {done}?", high),
        (f"A {one} {over}: by whom is it {done}?", high),
        (f"By whom is a {one} {under} {done}?", low),
        (f"By whom is a {one} of {money.format(far)} {done}?", high),
        (f"By whom is a {one} of {money.format(below)} {done}?", low),
    ]
    told = [Question(question, answer) for question, answer in dice.sample(asked, 3)]
    return Paragraph(article, title, " ".join(rules), tuple(told))
