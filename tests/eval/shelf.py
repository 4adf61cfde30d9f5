"""A few documents, as the catalog would show them."""

from ingest.access import Access, Principal
from ingest.documents import document_id
from ingest.errors import NotIndexed
from ingest.record import Page, Record

PRICES = (
    "Product: Aura 6; Price: EUR 5,490; Weight: 98 kilograms; Delivers: soon\n"
    "Product: Aura 9; Price: EUR 6,790; Weight: 118 kilograms; Delivers: soon\n"
    "Product: Kallio 10; Price: EUR 9,280; Weight: 174 kilograms; Delivers: later"
)
HANDBOOK = """Handbook

Who we are

We are here. Norvik was founded in 2009. Ada Berg is the chief executive officer. People like Norvik.

Work at Norvik

The probation period is four months. Every employee gets 28 days of leave a year. Expenses are claimed in the
Kuitti app. The office is cleaned every week. Kuitti means receipt in Finnish. Kuitti is the app for expense
claims. It may not be used elsewhere, as Kuitti is ours.
"""
TRAVEL_OLD = (
    "Travel policy 2023\n\nA hotel could cost at most EUR 120 a night. The daily allowance was EUR 45."
)
TRAVEL_NEW = "Travel policy 2026\n\nA hotel may cost at most EUR 165 a night. The daily allowance is EUR 54."
PAY = "Role: Engineer; Salary: EUR 4,480\nRole: Accountant; Salary: EUR 3,860"
DOCUMENTS = {
    "products/prices.csv": ("Prices", PRICES, ()),
    "handbook.md": ("Handbook", HANDBOOK, ()),
    "travel-2023.md": ("Travel policy 2023", TRAVEL_OLD, ()),
    "travel-2026.md": ("Travel policy 2026", TRAVEL_NEW, ()),
    "hr/pay.csv": ("Pay", PAY, ("hr",)),
}


def records(documents=DOCUMENTS, tenant="default", base="file:///docs"):
    """Records with their texts."""
    made = []
    for path, (title, text, groups) in documents.items():
        uri = f"{base}/{path}"
        name = document_id(tenant, uri)
        access = Access.of(tenant, groups)
        made.append(Record(name, uri, uri, f"v-{name}", title, f"h{hash(text)}", access, 1, "", text=text))
    return made


class Shelf:
    """Records in memory; pages of two."""

    def __init__(self, found=None):
        self.records = sorted(found if found is not None else records(), key=lambda record: record.uri)

    def documents(self, principal: Principal, limit=100, cursor=None):  # noqa: ARG002  # pages of two
        seen = [r for r in self.records if principal.may_read(r.access) and r.uri > (cursor or "")]
        return Page(tuple(seen[:2]), seen[1].uri if len(seen) > 2 else None)

    def document(self, principal: Principal, document_id: str):
        for record in self.records:
            if record.document_id == document_id and principal.may_read(record.access):
                return record
        raise NotIndexed("none", "none")
