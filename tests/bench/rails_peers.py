"""Other guardrails on the same questions, for rails.py: a JSON list of texts in, a JSON object a peer out.

Presidio alone, set up as its documentation shows but for the language model, which is not at hand: a blank
one, as ours has. Of llm-guard the scanners that need no model from a hub. Peers that are not installed are
left out, and one that cannot run says why.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from statistics import median

Screen = Callable[[str], object]
WARM = 5


def presidio() -> Screen:
    """Every recogniser that it ships for English."""
    import spacy  # noqa: PLC0415  # only where the peer is installed
    import tldextract  # noqa: PLC0415  # as above
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415  # as above
    from presidio_analyzer.nlp_engine import SpacyNlpEngine  # noqa: PLC0415  # as above

    class Blank(SpacyNlpEngine):
        """No model."""

        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}

    # It looks for public suffixes on the network: the copy that it has is given to it, or it would wait.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = AnalyzerEngine(nlp_engine=Blank(models=[{"lang_code": "en", "model_name": "blank"}]))
    return lambda text: engine.analyze(text=text, language="en")


def llm_guard() -> Screen:
    """Its input scanners without a model, in a row as its documentation runs them."""
    from llm_guard import scan_prompt  # noqa: PLC0415  # only where the peer is installed
    from llm_guard.input_scanners import BanSubstrings, InvisibleText, Regex, Secrets  # noqa: PLC0415  # as above

    scanners = [
        InvisibleText(),
        Secrets(),
        BanSubstrings(["ignore previous instructions"]),
        Regex([r"Bearer [A-Za-z0-9-._~+/]+"]),
    ]
    return lambda text: scan_prompt(scanners, text)


def nemo() -> Screen:
    """Its YARA rules against injected code; the jailbreak heuristics need GPT-2 from a hub."""
    from nemoguardrails.library.injection_detection.actions import YARA_DIR, _load_rules  # noqa: PLC0415  # as above

    rules = _load_rules(YARA_DIR, ("code", "sqli", "template", "xss"))
    return lambda text: rules.match(data=text)


PEERS = {
    "Presidio alone": ("presidio_analyzer", presidio),
    "llm-guard, four scanners without a model": ("llm_guard", llm_guard),
    "NeMo Guardrails, YARA rules": ("nemoguardrails", nemo),
}


def measured(texts: Sequence[str]) -> Iterator[dict[str, object]]:
    """In milliseconds; a peer that fails says how."""
    for name, (package, build) in PEERS.items():
        if find_spec(package) is None:
            continue
        try:
            screen = build()
            for text in texts[:WARM]:
                screen(text)
            yield {"name": name} | _times(screen, texts)
        except Exception as error:  # noqa: BLE001  # another's code, without a network: anything may come of it
            yield {"name": name, "error": f"cannot run here: {type(error).__name__}: {error}"[:200]}


def _times(screen: Screen, texts: Sequence[str]) -> dict[str, object]:
    walls, cpus = [], []
    for text in texts:
        wall, cpu = time.perf_counter(), time.process_time()
        screen(text)
        walls.append(1_000 * (time.perf_counter() - wall))
        cpus.append(1_000 * (time.process_time() - cpu))
    ordered = sorted(walls)
    last = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return {"p50": median(walls), "p99": last, "cpu": median(cpus), "n": len(walls)}


if __name__ == "__main__":
    for told in measured(json.load(sys.stdin)):
        print(json.dumps(told))  # noqa: T201  # what the program is for
