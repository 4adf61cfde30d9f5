"""Where credentials stand (assignments, headers, command lines, addresses), and where they never do."""

import re

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

TELLING = re.compile(
    r"(?i)mysql|key|token|secret|pass|pwd|cred|auth|login|user|kennwort|contrase|senha|mdp|wachtwoord|curl"
    r"|bearer|heroku|hubspot|snyk|bird|kucoin|squarespace|postmark|codacy|sonar|sourcegraph|src_access|sumo|bundle_"
    r"|asana|discord|telegram|okta|://"
)
"""Text without any of these holds no secret that only its place tells."""

_VALUE = r"""(?P<secret>[^\s"'`,;<>(){}\[\]|]{%d,512})"""
_ANY = r"""(?P<secret>[^\s"'`,;<>]{4,512})"""
_NAME = r"""(?<![\w.$-])(?P<name>[^\W\d][\w.$-]{0,120})"""
_CLOSED = r"""["'`\]]{0,2}[ \t]{0,20}"""
_OPENED = r"""[ \t]{0,20}\\?["'`]{0,3}"""

ASSIGNED = tuple(
    re.compile(pattern)
    for pattern in (
        # name = value, name: value, name := value, "name": "value", name("value")
        _NAME + _CLOSED + r"(?:=>|:{1,3}=|\?=|==?|:|,)" + _OPENED + f"(?={_ANY})",
        # the token is value; das Passwort lautet value
        _NAME + _CLOSED + r"(?:is|was|ist|lautet|est|es|equals?)(?: now| set to)?:?" + _OPENED + _VALUE % 6,
        # --token value
        r"""--?(?P<name>[a-z][\w-]{2,40})[ \t]+["']?""" + _VALUE % 6,
        # <password>value</password>
        r"<(?P<name>[A-Za-z][\w.:-]{1,60})(?: [^<>]{0,80})?>" + _VALUE % 6 + "</",
        # "name": "API_KEY", "value": "value"
        r"""(?i)\b(?:name|key)["']?\s{0,4}[:=]\s{0,4}["'](?P<name>[\w.-]{3,80})["'],?\s{1,40}"""
        r"""["']?(?:\w+_)?value["']?\s{0,4}[:=]\s{0,4}["']""" + _VALUE % 6,
        # machine host login name password value
        r"(?i)\blogin\s+\S{1,80}\s+(?P<name>password)\s+" + _VALUE % 6,
    )
)
"""A value with the name that it was given; groups `name` and `secret`."""

NEARBY = re.compile(
    r"(?i)\b(?:(?:api|access|secret|auth|private)[ _-]?(?:key|token)|token|secret|credentials?)\b"
    r"(?!(?: BLOCK)?-----)"  # the last line of a private key speaks of nothing
    r"[^\n.;=]{1,40}?[:=\s]\s{0,4}"
    r"""["'`]{0,3}(?P<secret>[A-Za-z0-9_+/=~-]{20,512})(?![\w/+-])"""
)
"""A value in the same clause as the word for it."""

QUOTED = re.compile(_NAME + _CLOSED + r"""={1,2}[ \t]{0,20}(?P<mark>["'])(?P<secret>[a-z]{6,40})(?P=mark)""")
"""A word that is assigned as a string is: a password in a program, not one in a sentence."""

_CURL = r"""\bcurl\b(?:[^\n]|\\\n){0,500}?\s"""
LOGINS = tuple(
    re.compile(pattern)
    for pattern in (
        _CURL + r"""(?:-u|--user)[\s=]+["']?[^\s:"'$<{]*["']?:["']?(?P<secret>[^\s"'`,;<>]{3,512})""",
        _CURL + r"""(?:-u|--user)[\s=]+["']?\{[^\s:"']+\}["']?:["']?(?P<secret>[^\s"'`,;<>]{3,512})""",
        _CURL + r"""(?:-u|--user)[\s=]+["']?(?P<secret>[^\s:"'$<{]{3,512}):["']?(?=\s)""",
        r"""\bsshpass\s+-p[ \t]*["']?(?P<secret>[^\s"'`$<]{3,80})""",
        r"""\bmysql\w*[ \t][^\n|]{0,80}?[ \t]-p["']?(?P<secret>[^\s"'`$<]{3,80})""",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,60}:(?P<secret>[^\s/:@\"'<>]{3,80})@",
    )
)
"""A password beside the user's name; group `secret`."""

HEADER = re.compile(
    r"""(?i)\b(?:authorization|proxy-authorization|(?:x-)?(?:[a-z]+-){0,3}(?:api-?key|token))["']?\s{0,10}:\s{0,10}"""
    r"""["']?(?:(?P<scheme>basic|bearer|token|apikey|api-token|api-key)\s+)?(?P<secret>[^\s"'`,;<>(){}\[\]|]{8,4096})"""
)
"""A request's header; groups `scheme` and `secret`."""
