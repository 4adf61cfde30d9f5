"""Phone numbers as people write them anywhere, told from dates, amounts and other numbers by what is near.

Without a word such as "call" nearby a number must begin with `+`, or be valid in one of the regions.
"""

import re
from collections.abc import Iterator, Sequence

import phonenumbers

_LEAST_DIGITS, _MOST_DIGITS = 6, 15
_LEAST_BARE = 7  # digits of a number that is written without any break
_INTERNATIONAL, _VALID, _SPOKEN_OF, _BARE, _BOTH, _DOUBTFUL = 0.7, 0.6, 0.75, 0.6, 0.95, 0.3
_BEFORE, _AFTER = 48, 14  # characters that are looked at

_CANDIDATE = re.compile(
    r"(?<![\w.+/\-])(?<!\d[ ,:])(?P<number>(?:\+[ ]?|\(\+?)?\d(?:[\d().]|[ \t/\-](?=[\d( \-/]))*\d)"
    r"(?:[ ]?(?:x|ext\.?|#|Durchwahl)[ ]?\d{1,6})?(?![\w%€$£])(?![.,:/]\d)(?!-\d)"
)
_CALLED = re.compile(
    r"(?i)\b(?:(?:phone|tel|fax|cell|mobile) ?#|(?:tele|cell|i)?phone|telephone|tel|cell|mobile|mob"
    r"|call(?:s|ed|ing)?|dial(?:l?ed|l?ing)?|fax|whats ?app|signal|sms|text (?:me|us|her|him|them)|reach"
    r"|reached|ring|rang|answer(?:s|ed|ing)?|contact|hotline|help ?line|land ?line|extension|ph\.?"
    r"|(?:my|your|his|her|our|their|new|old|work|home|office|emergency) number(?: is)?|number(?: is)?[:?,]"
    r"|telefon\w*|handy\w*|mobil\w*|rufnummer|ruf\w{0,4}|anruf\w*|angerufen|durchwahl|erreich\w*"
    r"|t[ée]l[ée]phon\w*|tél|portable|appel\w*|joindre|joignable|tel[ée]fono|m[óo]vil|celular|ll[áa]m\w*"
    r"|cellulare|chiam\w*|telefone|telem[óo]vel|lig(?:ar|ue)|telefoon\w*|bel(?:len)?)(?![^\W_])\.?"
)
_COUNTED = re.compile(
    r"(?i)(?:\b(?:order|invoice|ticket|ref(?:erence)?|case|sku|part|model|serial|isbn|issn|doi|ids?|version"
    r"|build|release|account|acct|card|iban|policy|article|item|batch|lot|tracking|parcel|licen[cs]e|passport|ssn"
    r"|social security|sécurité sociale|nhs|tax|vat|zip|postal|postcode|chapter|section|page|year|population"
    r"|apt|suite|unit|room|floor|street|address(?:es)?|box|revenue|budget|total|sum|amount|price|cost|sold|date"
    r"|born|dob|birth|usd|eur|gbp|chf|rs|bestell\w*|rechnung\w*|auftrag\w*|kunden\w*|artikel\w*|konto\w*|steuer\w*"
    r"|commande|facture|compte|pedido|factura|cuenta|ordine|fattura|code|pin|patent|port|error|rfc|cve|line"
    r"|commit|hash|timestamp|epoch|coordinates?|lat|lon)\b|[$€£#§])"
)
_LABELLED = re.compile(
    r"(?i)[ ,(\-]{0,3}(?:office|fax|mobile|cell|home|work|direct|landline|mobil|privat|büro|bureau)\b"
)
_NAMED = re.compile(r" [^\W\d_]")
_SHORT, _CLOSE = 9, 8  # characters
_MEASURED = re.compile(
    r"(?i)\s?(?:%|€|\$|£|°|(?:mg|ml|eur|usd|gbp|chf|dollars?|euros?|rows?|times|people|users?|units?|items?|records?"
    r"|lines?|employees|km|m|cm|mm|kg|g|gb|mb|kb|tb|ms|mhz|ghz|kwh|kw|w|v|hours?|days?|years?|seconds|minutes|bytes"
    r"|points)\b)"
)
_GROUPED = re.compile(r"[ ().\-/]")
_DATE = re.compile(
    r"(?:19|20)\d\d[./\-](?:0?[1-9]|1[0-2])[./\-](?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])[./\-](?:0?[1-9]|[12]\d|3[01])[./\-](?:(?:19|20)?\d\d)(?!\d)(?![ .\-/]\d)"
    r"|(?:19|20)\d\d\s?[\-/]\s?(?:19|20)\d\d\Z"
)
_DECIMAL = re.compile(r"\d+\.\d+\Z")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\Z")
_COUNTING = re.compile(r"\d(?:[ /\-]\d){3}")
_LIKE_A_PHONE = re.compile(  # without a word for it: seven digits or more, dots only as in America and France
    r"(?=(?:\D*\d){7})(?:[^.]*\Z|\(?\d{3}\)?[. ]\d{3}\.\d{4}\Z|\d\d(?:\.\d\d){4}\Z)(?!\d{1,3}(?: \d{3})+\Z)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+\Z")
_SOCIAL = re.compile(r"\d{3}-\d{2}-\d{4}\Z")
_BALANCED = re.compile(r"[^()]*(?:\([^()]*\)[^()]*)*\Z")


def phones(text: str, regions: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and confidence of what may be phone numbers; `regions` are codes such as DE."""
    for match in _CANDIDATE.finditer(text):
        if _may_be_dialled(match["number"]):
            score = _confidence(text, match, regions)
            if score:
                yield match.start(), match.end(), score


def _may_be_dialled(number: str) -> bool:
    """Whether it has as many digits as phones have, and is written like nothing else."""
    digits = sum(char.isdigit() for char in number)
    if not _LEAST_DIGITS <= digits <= _MOST_DIGITS or not _BALANCED.match(number):
        return False
    return not any(pattern.match(number) for pattern in (_DATE, _ADDRESS, _SOCIAL, _DECIMAL, _COUNTING))


def _confidence(text: str, match: re.Match[str], regions: Sequence[str]) -> float:
    number, after = match["number"], text[match.end() :][:_AFTER]
    international, grouped = number.lstrip("(").startswith("+"), _GROUPED.search(number) is not None
    valid = (grouped or international) and _is_valid(number, regions)
    spoken_of = _is_spoken_of(text[max(0, match.start() - _BEFORE) : match.start()], after)
    counts = _THOUSANDS.match(number) or not (valid or _is_said_at_once(text, match.start()))
    if counts and len(number) <= _SHORT and _NAMED.match(after):
        return 0.0  # so many of something, or a house number and its street
    if spoken_of is False:
        return _INTERNATIONAL if international else 0.0
    if spoken_of:
        return _BOTH if valid else _SPOKEN_OF if grouped else _BARE if len(number) >= _LEAST_BARE else 0.0
    if international:
        return _INTERNATIONAL
    return _VALID if valid and _LIKE_A_PHONE.match(number) else _DOUBTFUL


def _is_said_at_once(text: str, start: int) -> bool:
    """Whether a word such as "call" stands right before."""
    before = text[max(0, start - _BEFORE) : start]
    return _last(_CALLED, before) >= len(before) - _CLOSE


def _is_spoken_of(before: str, after: str) -> bool | None:
    """Whether the words near by speak of a phone, of something else (False), or of nothing that is known."""
    if _MEASURED.match(after):
        return False
    if _LABELLED.match(after):
        return True
    called, counted = _last(_CALLED, before), _last(_COUNTED, before)
    return None if called < 0 and counted < 0 else called >= counted


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def _is_valid(number: str, regions: Sequence[str]) -> bool:
    return any(_is_valid_in(number, region) for region in regions)


def _is_valid_in(number: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
