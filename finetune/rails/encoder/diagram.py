"""The reliability diagram of a card, as SVG: what was promised against what came true."""

from collections.abc import Mapping
from typing import Any

_SIZE, _GAP = 180, 30


def reliability(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Draw a square for each head: mean probability of a bin to the right, share of violations upwards."""
    parts = [
        _square(head, found["reliability"], place) for place, (head, found) in enumerate(figures.items())
    ]
    width = len(parts) * (_SIZE + _GAP) + _GAP
    style = "text{font:12px sans-serif;fill:gray}line,rect{stroke:gray;fill:none}circle{fill:steelblue}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_SIZE + 2 * _GAP}">'
        f"<style>{style}</style>{''.join(parts)}</svg>\n"
    )


def _square(head: str, bins: list[list[float]], place: int) -> str:
    left = _GAP + place * (_SIZE + _GAP)
    dots = "".join(
        f'<circle cx="{left + mean * _SIZE:.1f}" cy="{_GAP + (1 - share) * _SIZE:.1f}" '
        f'r="{2 + count**0.25:.1f}">'
        f"<title>{mean} promised, {share} found, {int(count)} texts</title></circle>"
        for mean, share, count in bins
    )
    return (
        f'<rect x="{left}" y="{_GAP}" width="{_SIZE}" height="{_SIZE}"/>'
        f'<line x1="{left}" y1="{_GAP + _SIZE}" x2="{left + _SIZE}" y2="{_GAP}"/>'
        f'<text x="{left}" y="{_GAP - 8}">{head}</text>{dots}'
    )
