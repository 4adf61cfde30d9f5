"""Where credentials stand (assignments, headers, command lines, addresses), and where they never do."""

import re

from guardrails.wording import Wording

_words = str.split  # long lists read best as one string

BLOCK = re.compile(
    r"(?:-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:)(?P<body>.*?)"
    r"(?:-----END[ A-Z0-9]{0,40}KEY(?: BLOCK)?-----|Private-MAC:|\Z)",
    re.DOTALL,
)
"""A private key, from its first line to its last, or to the end of the text when it was cut."""

BLOCK_BODY = re.compile(r"(?:[A-Za-z0-9+/](?:\s{0,4}\n)?){16}")
"""What the body of a real one holds."""

SERVICE_ACCOUNT = re.compile(r'"type"\s*:\s*"service_account"')
"""The mark of a key file of Google's."""

BLOB = re.compile(
    r"data:[\w/+.-]{3,60};base64,[A-Za-z0-9+/=]+"
    r"|\bsha(?:1|256|384|512)-[A-Za-z0-9+/]{27,88}={0,2}"
    r"|-----BEGIN (?:CERTIFICATE|[A-Z ]*PUBLIC KEY(?: BLOCK)?)-----.*?(?:-----END|\Z)"
    r"|\bssh-(?:rsa|ed25519|dss) [A-Za-z0-9+/=]{40,}",
    re.DOTALL,
)
"""Random characters that are no secret: pictures, checksums, certificates and public keys."""

TELLING = _words(
    "mysql key token secret pass pwd cred auth login user kennwort contrase senha mdp wachtwoord curl bearer "
    "heroku hubspot snyk bird kucoin squarespace postmark codacy sonar sourcegraph src_access sumo bundle_ "
    "asana discord telegram okta ://"
)
"""Text without any of these, in small letters, holds no secret that only its place tells."""


def _placed(pattern: str, *needs: str) -> Wording:
    return Wording(pattern, *needs, flags=re.NOFLAG)


_VALUE = r"""(?P<secret>[^\s"'`,;<>(){}\[\]|]{%d,512})"""
_ANY = r"""(?P<secret>[^\s"'`,;<>]{4,512})"""
_NAME = r"""(?<![\w.$-])(?P<name>[^\W\d][\w.$-]{0,120})"""
_NAMED = r"""(?<![\w.$-])(?P<name>[^\W\d][\w.$-]{0,120}+)"""  # where no sign that follows may be of a name
_CLOSED = r"""["'`\]]{0,2}[ \t]{0,20}"""
_OPENED = r"""[ \t]{0,20}\\?["'`]{0,3}"""

ASSIGNED = (
    # name = value, name: value, name := value, "name": "value", name("value")
    _placed(_NAMED + _CLOSED + r"(?:=>|:{1,3}=|\?=|==?|:|,)" + _OPENED + f"(?={_ANY})"),
    # the token is value; das Passwort lautet value
    _placed(
        _NAME + _CLOSED + r"(?:is|was|ist|lautet|est|es|equals?)(?: now| set to)?:?" + _OPENED + _VALUE % 6
    ),
    # --token value
    _placed(r"""--?(?P<name>[a-z][\w-]{2,40})[ \t]+["']?""" + _VALUE % 6, "-"),
    # <password>value</password>
    _placed(r"<(?P<name>[A-Za-z][\w.:-]{1,60})(?: [^<>]{0,80})?>" + _VALUE % 6 + "</", "</"),
    # "name": "API_KEY", "value": "value"
    _placed(
        r"""(?i)\b(?:name|key)["']?\s{0,4}[:=]\s{0,4}["'](?P<name>[\w.-]{3,80})["'],?\s{1,40}"""
        r"""["']?(?:\w+_)?value["']?\s{0,4}[:=]\s{0,4}["']""" + _VALUE % 6,
        "value",
    ),
    # machine host login name password value
    _placed(r"(?i)\blogin\s+\S{1,80}\s+(?P<name>password)\s+" + _VALUE % 6, "login"),
)
"""A value with the name that it was given; groups `name` and `secret`."""

NEARBY = _placed(
    r"(?i)\b(?:(?:api|access|secret|auth|private)[ _-]?(?:key|token)|token|secret|credentials?)\b"
    r"(?!(?: BLOCK)?-----)"  # the last line of a private key speaks of nothing
    r"[^\n.;=]{1,40}?[:=\s]\s{0,4}"
    r"""["'`]{0,3}(?P<secret>[A-Za-z0-9_+/=~-]{20,512})(?![\w/+-])""",
    "key|token|secret|credential",
)
"""A value in the same clause as the word for it."""

QUOTED = _placed(
    _NAMED + _CLOSED + r"""={1,2}[ \t]{0,20}(?P<mark>["'])(?P<secret>[a-z]{6,40})(?P=mark)""",
    "pass|pwd|pw|kennwort|contraseña|senha|mdp|wachtwoord",  # `secret_names.promise` of a password
    """="|='|= |=\t""",
)
"""A word that is assigned as a string is: a password in a program, not one in a sentence."""

_CURL = r"""\bcurl\b(?:[^\n]|\\\n){0,500}?\s"""
LOGINS = (
    _placed(
        _CURL + r"""(?:-u|--user)[\s=]+["']?[^\s:"'$<{]*["']?:["']?(?P<secret>[^\s"'`,;<>]{3,512})""", "curl"
    ),
    _placed(
        _CURL + r"""(?:-u|--user)[\s=]+["']?\{[^\s:"']+\}["']?:["']?(?P<secret>[^\s"'`,;<>]{3,512})""",
        "curl",
    ),
    _placed(_CURL + r"""(?:-u|--user)[\s=]+["']?(?P<secret>[^\s:"'$<{]{3,512}):["']?(?=\s)""", "curl"),
    _placed(r"""\bsshpass\s+-p[ \t]*["']?(?P<secret>[^\s"'`$<]{3,80})""", "sshpass"),
    _placed(r"""\bmysql\w*[ \t][^\n|]{0,80}?[ \t]-p["']?(?P<secret>[^\s"'`$<]{3,80})""", "mysql"),
    _placed(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,60}:(?P<secret>[^\s/:@\"'<>]{3,80})@", "://", "@"),
)
"""A password beside the user's name; group `secret`."""

HEADER = _placed(
    r"""(?i)\b(?:authorization|proxy-authorization|(?:x-)?(?:[a-z]+-){0,3}(?:api-?key|token))["']?\s{0,10}:\s{0,10}"""
    r"""["']?(?:(?P<scheme>basic|bearer|token|apikey|api-token|api-key)\s+)?(?P<secret>[^\s"'`,;<>(){}\[\]|]{8,4096})""",
    "authorization|apikey|api-key|token",
)
"""A request's header; groups `scheme` and `secret`."""
