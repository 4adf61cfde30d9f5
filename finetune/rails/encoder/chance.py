"""How the texts are varied: reproducibly, by one random generator."""

from random import Random


def likely(dice: Random, share: float) -> bool:
    """Return True in this share of all cases."""
    return dice.random() < share


def way(dice: Random, *shares: float) -> int:
    """Return 0 in the first of `shares` of all cases, 1 in the second, ...; their number in the rest."""
    draw = dice.random()
    return next((place for place in range(len(shares)) if draw < sum(shares[: place + 1])), len(shares))
