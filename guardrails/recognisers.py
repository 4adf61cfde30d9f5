"""What finds personal data of each kind: Presidio's recognisers and ours, and the words that tell of it.

Presidio's engine is left out: it runs every recogniser over every text, and loads a language pipeline to look
for words near a match. Here a recogniser runs only on text that holds what it needs.
"""

import ipaddress
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Protocol

import tldextract
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    CryptoRecognizer,
    DateRecognizer,
    DeIdCardRecognizer,
    DePassportRecognizer,
    DeSocialSecurityRecognizer,
    DeTaxIdRecognizer,
    EmailRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    FiPersonalIdentityCodeRecognizer,
    IbanRecognizer,
    InAadhaarRecognizer,
    IpRecognizer,
    ItFiscalCodeRecognizer,
    MacAddressRecognizer,
    NhsRecognizer,
    PlPeselRecognizer,
    SePersonnummerRecognizer,
    UkNinoRecognizer,
    UsItinRecognizer,
    UsSsnRecognizer,
)

from guardrails.errors import PolicyError
from guardrails.phones import phones

_NEAR, _AFTER = 56, 20  # characters before and after a value in which a word about it counts
_REACH = 120  # characters around an @: the longest addresses that people have
_TOLD = 0.85  # confidence in a value that the words near it speak of
_VERSION_BEFORE = re.compile(r"(?i)(?:\bv|\bver\.?|version|release|build|firmware|section|chapter|§)\s*\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """A place of personal data, `score` being the confidence in it."""

    entity: str
    start: int
    end: int
    score: float


class Recogniser(Protocol):
    """Finds some kinds of personal data."""

    entities: frozenset[str]

    def spans(self, text: str) -> Iterator[Span]:
        """The places of them."""
        ...


class Seeker:
    """A Presidio recogniser with what its text needs to hold, and the words that speak of its values.

    Where it is `alone` a value counts without a word, as sure as Presidio is of it.
    """

    def __init__(
        self,
        made: EntityRecognizer,
        needs: str,
        words: str = "",
        *,
        alone: bool = True,
        reach: int | None = None,
    ) -> None:
        """As above. With a `reach` only so many characters around each need are searched."""
        self.entities = frozenset(made.supported_entities)
        self._made, self._needs, self._alone, self._reach = made, re.compile(needs), alone, reach
        self._words = re.compile(rf"(?i)(?<![^\W_])(?:{words})(?![^\W_])") if words else None

    def spans(self, text: str) -> Iterator[Span]:
        """As `Recogniser`."""
        if not self._needs.search(text) or not (self._alone or (self._words and self._words.search(text))):
            return
        for found in self._found(text):
            told = self._is_told(text, found.start, found.end)
            if told or self._alone:
                yield replace(found, score=max(found.score, _TOLD) if told else found.score)

    def _found(self, text: str) -> Iterator[Span]:
        for start, end in self._stretches(text):
            for result in _analysed(self._made, text[start:end]):
                yield Span(result.entity_type, start + result.start, start + result.end, result.score)

    def _stretches(self, text: str) -> list[tuple[int, int]]:
        """The parts of the text that are searched; they don't overlap."""
        if self._reach is None:
            return [(0, len(text))]
        stretches: list[tuple[int, int]] = []
        for need in self._needs.finditer(text):
            start, end = max(0, need.start() - self._reach), need.end() + self._reach
            if stretches and start <= stretches[-1][1]:
                start = stretches.pop()[0]
            stretches.append((start, end))
        return stretches

    def _is_told(self, text: str, start: int, end: int) -> bool:
        near = f"{text[max(0, start - _NEAR) : start]} {text[end : end + _AFTER]}"
        return self._words is not None and self._words.search(near) is not None


def _analysed(made: EntityRecognizer, text: str) -> list[RecognizerResult]:
    # Presidio's recognisers by pattern take no artefacts, and are typed as if they did.
    return made.analyze(text, list(made.supported_entities), None)  # type: ignore[arg-type]  # as said


class Phones:
    """Phone numbers; `regions` are the countries whose national numbers are known."""

    entities = frozenset({"PHONE_NUMBER"})

    def __init__(self, regions: Sequence[str]) -> None:
        self._regions = tuple(regions)

    def spans(self, text: str) -> Iterator[Span]:
        """As `Recogniser`."""
        for start, end, score in phones(text, self._regions):
            yield Span("PHONE_NUMBER", start, end, score)


class Addresses(Seeker):
    """IP addresses that may be somebody's: no version numbers, not this machine or any."""

    def spans(self, text: str) -> Iterator[Span]:
        """As `Recogniser`."""
        for span in super().spans(text):
            if _is_telling_address(text[span.start : span.end], text[: span.start]):
                yield span


class Plugged:
    """A recogniser from elsewhere, such as a model for names. It is given the text and nothing else."""

    def __init__(self, made: EntityRecognizer) -> None:
        self.entities = frozenset(made.supported_entities)
        self._made = made

    def spans(self, text: str) -> Iterator[Span]:
        """As `Recogniser`."""
        for result in _analysed(self._made, text):
            yield Span(result.entity_type, result.start, result.end, result.score)


def plugged(entry: str) -> list[Plugged]:
    """The recognisers that `package.module:factory` returns, a list of Presidio's `EntityRecognizer`.

    Raises:
        PolicyError: there is no such factory.
    """
    module, _, name = entry.partition(":")
    try:
        factory: Callable[[], Sequence[EntityRecognizer]] = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise PolicyError(
            f"rails.pii.recognisers: {entry!r} cannot be imported ({error}). "
            "Name a function as package.module:function, in a package that is installed."
        ) from error
    return [Plugged(made) for made in factory()]


def recognisers(entities: Mapping[str, float], regions: Sequence[str]) -> list[Recogniser]:
    """Those that find one of `entities`, cheapest first."""
    known: list[Recogniser] = [*(make() for make in _SEEKERS), Phones(regions)]
    return [each for each in known if each.entities & entities.keys()]


class _OfflineEmail(EmailRecognizer):
    """Checks the domain against the public suffixes that ship with tldextract."""

    _suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        return self._suffixes(pattern_text).fqdn != ""


class _Iban(IbanRecognizer):
    """Also those in small letters."""

    def analyze(  # as declared there
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: NlpArtifacts | None = None,
        regex_flags: int | None = None,
    ) -> list[RecognizerResult]:
        del nlp_artifacts, regex_flags
        found = super().analyze(text, entities)
        return found or super().analyze(text.translate(_CAPITALS), entities)


class _Nir(PatternRecognizer):
    """French social security numbers, with their check."""

    def __init__(self) -> None:
        pattern = Pattern(
            "nir", r"\b[1-478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b", 0.4
        )
        super().__init__("FR_NIR", name="FR_NIR", patterns=[pattern], context=[])

    def validate_result(self, pattern_text: str) -> bool:
        plain = re.sub(r"\s", "", pattern_text).upper().replace("2A", "19").replace("2B", "18")
        return 97 - int(plain[:13]) % 97 == int(plain[13:])


def _pattern(entity: str, regex: str, score: float) -> PatternRecognizer:
    return PatternRecognizer(entity, name=entity, patterns=[Pattern(entity, regex, score)], context=[])


_CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
_SSN = [
    Pattern("with hyphens", r"\b\d{3}-\d{2}-\d{4}\b", 0.5),
    Pattern("otherwise", r"\b\d{3}[ .]?\d{2}[ .]?\d{4}\b", 0.1),  # as phone and house numbers are
]
_LICENCE = (
    r"driv\w*\W?s?\W? (?:licen[cs]e|permit)|licen[cs]e (?:number|no|#)|DL|dls?#|führerschein\w*"
    r"|permis(?: de conduire)?|(?:licencia|permiso|carnet) de conducir|patente(?: di guida)?"
    r"|rijbewijs\w*|carta de condução"
)
_PASSPORT = r"passport\w*|reisepass\w*|passnummer|passeport|pasaporte|passaporto|paspoort\w*|passaporte"
_CODE = r"\b(?=[A-Z0-9*\-]*\d[A-Z0-9*\-]*\d[A-Z0-9*\-]*\d)[A-Z0-9][A-Z0-9*\-]{4,18}[A-Z0-9]\b"
_LONG = r"\d(?:[ -]?\d){7}"
_CIPHER = r"[\dLMNP-Vlmnp-v\u017f]"  # a digit of an Italian code, or the letter that stands for it
_FISCAL = (
    rf"{_CIPHER}{{2}}[^\W\d_]{_CIPHER}{{3}}"
    rf"(?<=[^\W\d_]{{6}}{_CIPHER}{{2}}[^\W\d_]{_CIPHER}{{2}}[^\W\d_]{_CIPHER}{{3}})"
)

_SEEKERS: tuple[Callable[[], Recogniser], ...] = (
    lambda: Seeker(_OfflineEmail(), "@", reach=_REACH),
    lambda: Seeker(
        CreditCardRecognizer(), r"\d(?:[ -]?\d){11}", r"credit|card|visa|mastercard|amex|cc|karte\w*|carte"
    ),
    lambda: Seeker(_Iban(), r"\d\d(?<=[^\W\d_]{2}..)[ -]?[^\W_]{4}", r"iban|bank"),
    lambda: Seeker(
        UsSsnRecognizer(patterns=_SSN),
        r"\d{3}[ .-]?\d{2}[ .-]?\d{4}",
        r"ssn|ss#|social security(?: number| no)?",
    ),
    lambda: Seeker(CryptoRecognizer(), r"(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25}", r"wallet|btc|bitcoin|crypto"),
    lambda: Addresses(
        IpRecognizer(), r"\d\.\d{1,3}\.\d{1,3}\.\d|::|(?::[0-9a-fA-F]{1,4}){6}:", "ip|ipv4|ipv6"
    ),
    lambda: Seeker(MacAddressRecognizer(), r"[0-9A-Fa-f]{2}[:.-][0-9A-Fa-f]{2}", "mac"),
    lambda: Seeker(
        _pattern("URL", r"\b(?:https?://|www\.)[^\s<>\"'()\[\]{}]*[^\s<>\"'()\[\]{}.,;:!?]", 0.6),
        r"://|www\.",
    ),
    lambda: Seeker(
        DateRecognizer(),
        r"\d[./-]\d|\d[- ][A-Za-z]",
        r"date|birthday|born|birth|dob|geboren|né|née|nacid[oa]",
    ),
    lambda: Seeker(_pattern("US_DRIVER_LICENSE", _CODE, 0.1), r"\d", _LICENCE, alone=False),
    lambda: Seeker(
        _pattern("US_PASSPORT", r"\b(?=(?:[A-Z]*\d){3})[A-Z0-9]{6,10}\b", 0.1),
        r"\d",
        _PASSPORT,
        alone=False,
    ),
    lambda: Seeker(
        _pattern("US_BANK_NUMBER", r"\b\d{8,17}\b", 0.1),
        r"\d{8}",
        r"bank account|account (?:number|no|#)|acct",
        alone=False,
    ),
    lambda: Seeker(UsItinRecognizer(), r"9\d{2}[ -]?\d{2}", r"itin|taxpayer|tax ?id|tin", alone=False),
    lambda: Seeker(NhsRecognizer(), _LONG, r"nhs|national health service", alone=False),
    lambda: Seeker(
        UkNinoRecognizer(), r"\d\d ?\d\d ?\d\d ?[A-Da-d]\b", r"national insurance|ni (?:number|no)|nino"
    ),
    lambda: Seeker(DeTaxIdRecognizer(), r"\d{11}", r"steuer\w*(?:[- ]?id\w*)?|idnr|tax id", alone=False),
    lambda: Seeker(
        DeSocialSecurityRecognizer(), r"\d{8}[A-Z]\d{3}", r"(?:renten|sozial)?versicherungs?\w*|sv-?nummer"
    ),
    lambda: Seeker(
        DeIdCardRecognizer(), r"[A-Z0-9]{9}", r"personalausweis\w*|ausweis\w*|id card", alone=False
    ),
    lambda: Seeker(
        DePassportRecognizer(), r"[A-Z0-9]{9}", r"reisepass\w*|pass(?:nummer|-nr)?|passport", alone=False
    ),
    lambda: Seeker(
        EsNifRecognizer(),
        r"\d{7}-?[A-Z]",
        r"dni|nif|documento nacional\w*|identidad|identificación",
        alone=False,
    ),
    lambda: Seeker(EsNieRecognizer(), r"[XYZ]\d{7}-?[A-Z]", r"nie|extranjero"),
    lambda: Seeker(ItFiscalCodeRecognizer(), _FISCAL, r"codice fiscale|cf"),
    lambda: Seeker(PlPeselRecognizer(), r"\d{11}", "pesel", alone=False),
    lambda: Seeker(
        FiPersonalIdentityCodeRecognizer(),
        r"\d{6}[-+A-FU-Y]\d{3}",
        r"hetu|henkilötunnus\w*|personbeteckning\w*",
    ),
    lambda: Seeker(
        SePersonnummerRecognizer(), r"\d{6}[-+]?\d{4}", r"personnummer\w*|samordningsnummer", alone=False
    ),
    lambda: Seeker(_Nir(), r"[1-478] ?\d\d ?\d", r"sécurité sociale|nir|insee|n° ?ss"),
    lambda: Seeker(InAadhaarRecognizer(), r"\d{4}", r"aadhaa?r|uidai", alone=False),
    lambda: Seeker(
        _pattern("IN_PAN", r"\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b", 0.5),
        r"(?i)[a-z]{5}\d{4}[a-z]",
        r"pan|permanent account number",
        alone=False,
    ),
)


def _is_telling_address(found: str, before: str) -> bool:
    """Whether an IP address is somebody's: no version number, no network, not this machine or any."""
    if "/" in found or _VERSION_BEFORE.search(before[-12:]):
        return False
    address = ipaddress.ip_address(found)
    time_like = found.count(":") in {1, 2, 3} and not re.search("[a-fA-F]", found)  # 12:30::45
    return not (address.is_loopback or address.is_unspecified or time_like)
