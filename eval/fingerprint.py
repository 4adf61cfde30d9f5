"""What a run's answers and scores depend on. Runs of different corpora are not compared.

The words are the service's (`service.fingerprint`); of several audiences, the corpus and the index that all
of them see together.
"""

from collections.abc import Mapping
from dataclasses import asdict

from pydantic import BaseModel, ConfigDict

from eval.audience import Audience
from service import fingerprint as served


class Fingerprint(BaseModel):
    """Names, or the beginnings of hashes; `judge` is empty where none judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    corpus: str
    index: str
    embedder: str
    prompt: str
    adapter: str
    policy: str
    judge: str = ""
    service: str

    def changes(self, other: "Fingerprint") -> list[str]:
        """The names of what differs."""
        return [name for name in type(self).model_fields if getattr(self, name) != getattr(other, name)]


def combined(told: Mapping[Audience, served.Fingerprint]) -> Fingerprint:
    """One fingerprint of what each audience was told; there must be one at least."""
    first = next(iter(told.values()))
    seen = sorted((str(audience), each.corpus, each.index) for audience, each in told.items())
    return Fingerprint(
        **asdict(first)
        | {
            "corpus": served.digest([(audience, corpus) for audience, corpus, _ in seen]),
            "index": served.digest([(audience, index) for audience, _, index in seen]),
        }
    )
