"""How credentials look: tokens that show their issuer, and assignments to names that promise a secret."""

import re

_TOKENS: dict[str, tuple[str, ...]] = {
    "AWS_ACCESS_KEY": (
        r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
        r"ABSK[A-Za-z0-9+/]{100,}={0,2}",
        r"bedrock-api-key-[A-Za-z0-9+/=]{20,}",
    ),
    "GITHUB_TOKEN": (r"gh[pousr]_[0-9A-Za-z]{36}", r"github_pat_\w{40,}"),
    "GITLAB_TOKEN": (
        r"gl(?:pat|dt|ft|rt|cbt|ptt|imt|agent|oas|soat|ffct)-[\w.\-]{20,}",
        r"GR1348941[\w-]{20}",
    ),
    "SLACK_TOKEN": (
        r"xox[abeoprs]-(?=[\w.-]*\d{4})[\w-]{14,}",
        r"xoxe(?:\.xox[bp])?-\d-\w{60,}",
        r"xapp-\d-[\w-]{20,}",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+]{40,}",
    ),
    "STRIPE_KEY": (r"(?:sk|rk)_(?:test|live|prod)_[0-9A-Za-z]{10,99}",),
    "GOOGLE_API_KEY": (r"AIza[\w-]{35}(?![\w-])", r"AQ\.[A-Za-z0-9_-]{40,}"),
    "ANTHROPIC_API_KEY": (r"sk-ant-(?:api|admin)\d\d-[\w-]{80,}",),
    "OPENAI_API_KEY": (r"sk-(?:proj|svcacct|admin)-[\w-]{40,}", r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    "AZURE_SECRET": (r"(?<![\w~.-])[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])",),
    "HUGGINGFACE_TOKEN": (r"(?:hf|api_org)_[A-Za-z]{34}(?![A-Za-z])",),
    "JWT": (r"ey[A-Za-z0-9]{15,}\.ey[\w/-]{15,}\.[\w/+=-]{10,}", r"ZXlK[A-Za-z0-9+/]{60,}={0,2}"),
    "API_KEY": (
        # one issuer a pattern, alphabetically
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",  # 1Password
        r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
        r"AKCp[A-Za-z0-9]{60,}",
        r"cmVmd[A-Za-z0-9]{50,}",  # Artifactory
        r"API-[A-Z0-9]{26}",  # Octopus
        r"AQVN[\w-]{35,38}",
        r"YC[\w-]{38}(?![\w-])",  # Yandex
        r"CLOJARS_[a-z0-9]{60}",
        r"dapi[a-f0-9]{32}(?:-\d)?",  # Databricks
        r"dnkey-[a-z0-9=_-]{20,}",
        r"do[opr]_v1_[a-f0-9]{64}",
        r"dp\.pt\.[a-z0-9]{43}",
        r"dt0c01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}",
        r"duffel_(?:test|live)_[\w=-]{43}",
        r"EAA[MC][A-Za-z0-9]{100,}",
        r"\d{15,16}(?:\||%7C)[\w-]{27,40}",  # Facebook
        r"EZ[AT]K[A-Za-z0-9]{54}",
        r"fio-u-[\w=-]{64}",
        r"FLW(?:PUBK|SECK)_TEST-[a-h0-9]{12,32}(?:-X)?",
        r"fo1_[\w-]{43}",
        r"fm[12][ar]?_[A-Za-z0-9+/=]{60,}",  # Fly.io
        r"gl(?:c|sa)_[A-Za-z0-9+/_]{32,}={0,2}",
        r"eyJrIjoi[A-Za-z0-9]{60,}={0,2}",  # Grafana
        r"HRKU-AA[\w-]{58}",
        r"hv[sb]\.[\w-]{90,}",
        r"(?<![\w.])s\.(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{24}(?!\w)",
        r"[a-z0-9]{14}\.atlasv1\.[\w=-]{60,70}",
        r"ico-[A-Za-z0-9]{32}",
        r"key-[a-f0-9]{32}",
        r"lin_api_[a-z0-9]{40}",
        r"LTAI[A-Za-z0-9]{20}",
        r"NR(?:AK|II|JS|IQ)-[A-Za-z0-9-]{19,32}",
        r"npm_[a-z0-9]{36}",
        r"ntn_\d{11}[A-Za-z0-9]{35}",
        r"ops_eyJ[A-Za-z0-9+/]{250,}={0,3}",
        r"pat\.[\w-]{22}\.[0-9a-z]{24}\.[0-9a-z]{20}",  # 1Password, Harness
        r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
        r"pnu_[a-z0-9]{36}",
        r"pplx-[A-Za-z0-9]{48}",
        r"pscale_(?:pw|tkn|oauth)_[\w=.-]{32,64}",
        r"pubkey-[a-f0-9]{32}",
        r"pul-[a-f0-9]{40}",
        r"pypi-AgEIcHlwaS5vcmc[\w-]{50,}",
        r"p8e-[a-z0-9]{32}",
        r"rdme_[a-z0-9]{70}",
        r"rubygems_[a-f0-9]{48}",
        r"s-s4t2(?:ud|af)-[a-f0-9]{64}",
        r"SG\.[\w=.-]{66}",
        r"sgp_(?:[A-Fa-f0-9]{16}|local)_[A-Fa-f0-9]{40}",
        r"sgp_[A-Fa-f0-9]{40}",
        r"sha256~[\w-]{43}",
        r"shippo_(?:live|test)_[a-f0-9]{40}",
        r"shp(?:ss|at|ca|pa)_[A-Fa-f0-9]{32}",
        r"SK[0-9a-f]{32}",
        r"sm_(?:pat|aat|sat)_[A-Za-z0-9]{16}(?!\w)",
        r"sntry(?:u_[a-f0-9]{64}|s_eyJ[\w+/=]{60,})",
        r"sq0(?:atp|csp)-[\w-]{22,60}",
        r"EAAA[\w-]{22,60}(?=\W|$)",
        r"tfp_[\w.=-]{59}",
        r"tk-us-[\w-]{48}",
        r"xkeysib-[a-f0-9]{64}-[a-z0-9]{16}",
        r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
        r"4b1d[A-Za-z0-9]{38}",
        r"[MN][A-Za-z\d]{23}\.[\w-]{6}\.[\w-]{27}",  # Discord
    ),
}

TOKEN_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (label, re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(patterns) + ")"))
    for label, patterns in _TOKENS.items()
)
"""Tokens that name their issuer, by label. The whole match is the secret."""

BLOCK_PATTERN = re.compile(
    r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END[ A-Z0-9]{0,40}KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
"""A private key, from its first line to its last, or to the end of the text when it was cut."""

_VALUE = r"""(?P<secret>[^\s"'`,;<>(){}\[\]|]{%d,512})"""
_ASSIGNED = r"""["'`\]]{0,2}[ \t]{0,20}(?:=>|:{1,3}=|\?=|[=:]|,|[ \t](?:is|was))[ \t]{0,20}["'`]{0,3}"""

ASSIGNMENT_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "SECRET",
        re.compile(r"(?i)(?:key|token|secret|credentials?|client)" + _ASSIGNED + _VALUE % 10),
    ),
    (
        "PASSWORD",
        re.compile(r"(?i)(?:passw(?:or)?d|passphrase|passcode|pwd)" + _ASSIGNED + _VALUE % 6),
    ),
    (
        "LOGIN",
        re.compile(
            r"""\bcurl\b(?:[^\n]|\\\n){0,500}?\s(?:-u|--user)[\s=]+["']?[^\s:"'$]+:["']?""" + _VALUE % 3
        ),
    ),
    ("LOGIN", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,60}:(?P<secret>[^\s/:@]{3,80})@")),
    (
        "AUTHORIZATION",
        re.compile(
            r"""(?i)\b(?:authorization|x-api-key|x-auth-token|private-token)["']?\s*:\s*"""
            r"""["']?(?:(?:basic|bearer|token|apikey|api-token)\s+)?""" + _VALUE % 12
        ),
    ),
)
"""Values given to names that promise a secret, by label; the group `secret` is what must go."""
