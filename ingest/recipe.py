"""How a model makes vectors of texts, where that is not as the model says itself. Knows no model."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """What stands before questions and documents, and how many numbers of a vector are kept.

    None is as the model has it; an empty prompt is none.
    """

    query: str | None = None
    document: str | None = None
    dimension: int | None = None

    def named(self, model: str) -> str:
        """The name of a model that is used so: another recipe makes vectors that cannot be compared."""
        told = [f"dimension={self.dimension}"] if self.dimension else []
        if (self.query, self.document) != (None, None):
            digest = hashlib.sha256(repr((self.query, self.document)).encode(errors="surrogatepass"))
            told.append(f"prompts={digest.hexdigest()[:8]}")
        return "?".join([model, *filter(None, ["&".join(told)])])
