"""Verdicts on texts that come again and again: the passages of a corpus, and what is quoted of them."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence

from guardrails.guard import Guard, Watch, unwatched
from guardrails.policy import Policy
from guardrails.rail import Rail, Sample
from guardrails.verdict import FAILED, Stage, Verdict

STAGES = frozenset({Stage.PASSAGE, Stage.OUTPUT})


class RememberingGuard(Guard):
    """A guard that gives the same verdict on the same text without running its rails again.

    Rails judge by the text and its stage, and answers also by what they rest on, what was said before them
    and what their reader must not learn. Questions are always screened, and a verdict that a failing rail had
    a part in is never remembered.
    """

    def __init__(self, policy: Policy, rails: Sequence[Rail], *, most: int, watch: Watch = unwatched) -> None:
        """As `Guard`; the `most` verdicts used last are kept."""
        super().__init__(policy, rails, watch=watch)
        self._most = most
        self._verdicts: OrderedDict[bytes, Verdict] = OrderedDict()
        self._lock = threading.Lock()

    def _judged(self, sample: Sample, only: Collection[str] | None) -> Verdict:
        if sample.stage not in STAGES:
            return super()._judged(sample, only)
        key = _key(sample, only)
        with self._lock:
            known = self._verdicts.get(key)
            if known is not None:
                self._verdicts.move_to_end(key)
                return known
        verdict = super()._judged(sample, only)
        if all(finding.label != FAILED for finding in verdict.findings):
            self._keep(key, verdict)
        return verdict

    def _keep(self, key: bytes, verdict: Verdict) -> None:
        with self._lock:
            self._verdicts[key] = verdict
            while len(self._verdicts) > self._most:
                self._verdicts.popitem(last=False)


def _key(sample: Sample, only: Collection[str] | None) -> bytes:
    # A passage is judged by itself: what one reader must not learn of others makes no difference to it.
    withheld = sample.withheld.key if sample.stage is Stage.OUTPUT else ""
    terms = (sample.stage, only if only is None else sorted(only), withheld, sorted(sample.labels))
    digest = hashlib.sha256(repr(terms).encode())
    for texts in ((sample.text,), sample.context, sample.said, sample.history):
        digest.update(b"%d;" % len(texts))
        for text in texts:
            coded = text.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(coded) + coded)
    return digest.digest()
