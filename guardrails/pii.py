"""The rail for personal data: Presidio's recognisers over a blank spaCy pipeline, no model, no network.

Knows structured data only (e-mail, phone, card, IBAN, SSN, IP). Names and addresses need a language model.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    CryptoRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
)

from guardrails.rail import Inspection, Sample
from guardrails.verdict import Action, Finding

_LANGUAGE = "en"  # the recognisers are patterns with English context words; they work on any language
# Every recogniser's patterns ask for one of these. Headings and plain sentences mostly have none of them.
_TELLING = re.compile(r"[\d@:]")
_VERSION_BEFORE = re.compile(r"(?i)(?:\bv|\bver\.?|version|release|build|firmware|section|chapter|§)\s*\Z")


class Pii:
    """Finds personal data by pattern and checksum; each becomes a placeholder such as `<EMAIL_ADDRESS>`.

    `entities` gives the least confidence per Presidio entity; what is not named is not looked for.
    """

    name = "pii"

    def __init__(
        self, entities: Mapping[str, float], allow: Sequence[str] = (), regions: Sequence[str] = ("US",)
    ) -> None:
        self._entities = dict(entities)
        self._allow = frozenset(text.casefold() for text in allow)
        self._engine = _engine(regions)

    def inspect(self, sample: Sample) -> Inspection:
        """Look for personal data in `sample.text`."""
        return Inspection(tuple(self._findings(sample.text)))

    def _findings(self, text: str) -> Iterator[Finding]:
        if not self._entities or not _TELLING.search(text):
            return
        for result in self._engine.analyze(text, _LANGUAGE, entities=list(self._entities)):
            found, label = text[result.start : result.end], result.entity_type
            if result.score < self._entities[label] or self._is_allowed(found):
                continue
            if label == "IP_ADDRESS" and not _is_telling_address(found, text[: result.start]):
                continue
            yield Finding(
                self.name,
                label,
                Action.REDACT,
                round(result.score, 4),
                result.start,
                result.end,
                f"looks like {label.lower().replace('_', ' ')}",
                replacement=f"<{label}>",
            )

    def _is_allowed(self, found: str) -> bool:
        found = found.casefold()
        return found in self._allow or f"@{found.rpartition('@')[2]}" in self._allow


def _is_telling_address(found: str, before: str) -> bool:
    """Whether an IP address is somebody's: not a version number, not this machine or any."""
    if _VERSION_BEFORE.search(before[-12:]):
        return False
    address = ipaddress.ip_interface(found)
    time_like = found.count(":") in {1, 2, 3} and not re.search("[a-fA-F]", found)  # 12:30::45
    return not (address.is_loopback or address.is_unspecified or time_like)


def _engine(regions: Sequence[str]) -> AnalyzerEngine:
    registry = RecognizerRegistry(
        recognizers=[
            CreditCardRecognizer(),
            CryptoRecognizer(),
            IbanRecognizer(),
            IpRecognizer(),
            UsSsnRecognizer(),
            _OfflineEmail(),
            _PhoneByContext(),
            _Phone(supported_regions=tuple(regions)),
        ],
        supported_languages=[_LANGUAGE],
    )
    return AnalyzerEngine(
        registry,
        _BlankEngine(),
        supported_languages=[_LANGUAGE],
        context_aware_enhancer=LemmaContextAwareEnhancer(context_matching_mode="whole_word"),
    )


class _BlankEngine(SpacyNlpEngine):
    """Splits words and nothing more, which is all that context words need."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": _LANGUAGE, "model_name": "blank"}])

    def load(self) -> None:
        setattr(self, "nlp", {_LANGUAGE: spacy.blank(_LANGUAGE)})  # noqa: B010 Presidio types it as None

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        doc = self.get_nlp(language)(text)
        places, words = zip(*((token.idx, token.lower_) for token in doc), strict=True) if doc else ((), ())
        # Context words are looked up among the lemmas: here the words in small letters.
        return NlpArtifacts([], doc, list(places), list(words), self, language)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002 the protocol's arguments
        return False  # spaCy counts "call" as one


class _OfflineEmail(EmailRecognizer):
    """Checks the domain against the public suffixes that ship with tldextract."""

    _suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        return self._suffixes(pattern_text).fqdn != ""


class _Phone(PhoneRecognizer):
    """Believes in a valid number that is written like one; a bare run of digits is anything."""

    SCORE = 0.6

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts = None,  # type: ignore[assignment]  # as declared there
    ) -> list[RecognizerResult]:
        results = super().analyze(text, entities, nlp_artifacts)
        return [result for result in results if not text[result.start : result.end].isdigit()]


class _PhoneByContext(PatternRecognizer):
    """Any number that begins with `+`, or that follows a word such as "call" or "tel"."""

    _CONTEXT = (
        "phone",
        "telephone",
        "tel",
        "cell",
        "cellphone",
        "mobile",
        "call",
        "dial",
        "fax",
        "whatsapp",
        "sms",
    )

    def __init__(self) -> None:
        digits = r"\(?\d(?:[ ().\-/]{0,2}\d){6,14}(?:\s?x\d{1,5})?(?![\w-])"
        patterns = [
            Pattern("+", r"(?<![\w.,-])\+" + digits, 0.6),
            Pattern("digits", r"(?<![\w.,+-])" + digits, 0.2),
        ]
        super().__init__(
            "PHONE_NUMBER", name="phone by context", patterns=patterns, context=list(self._CONTEXT)
        )
