"""As whom questions are asked: a tenant, and groups."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from eval.dataset import Question
from ingest.access import Principal

# Under which name, and with what, evaluations ask.
SUBJECT = "evaluation"
SCOPES = ("chat", "eval")


class Audience(NamedTuple):
    """Members of `groups` of a tenant, perhaps of none; None: who may see all of the tenant.

    Written `acme:hr,it`, `acme:` (a member of no group) and `acme` (all of it).
    """

    tenant: str
    groups: frozenset[str] | None

    @classmethod
    def of(cls, question: Question) -> Self:
        """Who asks a question."""
        groups = question.groups
        return cls(question.tenant, None if groups is None else frozenset(groups))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The audience that is written so."""
        tenant, colon, groups = text.partition(":")
        names = frozenset(name.strip() for name in groups.split(",") if name.strip())
        return cls(tenant.strip(), names if colon else None)

    @property
    def principal(self) -> Principal:
        """Whoever asks in this process for the audience."""
        if self.groups is None:
            return Principal.administrator(self.tenant)
        return Principal(self.tenant, SUBJECT, self.groups, frozenset(SCOPES))

    def __str__(self) -> str:
        return self.tenant if self.groups is None else f"{self.tenant}:{','.join(sorted(self.groups))}"


def audiences(questions: Iterable[Question]) -> list[Audience]:
    """All who ask, in the order of their names."""
    return sorted({Audience.of(question) for question in questions}, key=str)
