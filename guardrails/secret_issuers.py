"""Tokens that show who issued them, by label: prefix, length, alphabet. The whole match is the secret."""

import re

_TOKENS: dict[str, tuple[str, ...]] = {
    "AWS_ACCESS_KEY": (
        r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
        r"ABSK[A-Za-z0-9+/]{109,269}={0,2}(?![A-Za-z0-9+/=])",
        r"bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[A-Za-z0-9+/=]*",
        r"amzn\.mws\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    "GITHUB_TOKEN": (r"gh[pousr]_[0-9A-Za-z]{36,}", r"github_pat_\w{40,}"),
    "GITLAB_TOKEN": (
        r"gl(?:pat|dt|ft|rt|rtr|cbt|ptt|imt|agent|oas|soat|ffct)-[\w.\-]{20,}",
        r"GR1348941[\w-]{20}",
    ),
    "SLACK_TOKEN": (
        r"xox[abceoprs]-(?:\d-)?(?:\d{8,14}-){1,3}(?=\d*[A-Za-z])[A-Za-z0-9]{10,}",
        r"xoxe(?:\.xox[bp])?-\d-\w{60,}",
        r"xapp-\d-[A-Z0-9]{8,}-\d+-[\w-]{20,}",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+]{40,}",
    ),
    "STRIPE_KEY": (r"(?:sk|rk)_(?:test|live|prod)_[0-9A-Za-z]{10,99}", r"whsec_[A-Za-z0-9+/]{32,}={0,2}"),
    "GOOGLE_API_KEY": (
        r"AIza[\w-]{35}(?![\w-])",
        r"AQ\.[A-Za-z0-9_-]{40,}",
        r"GOCSPX-[\w-]{28}",
        r"ya29\.[\w-]{40,}",
        r"1//0[\w-]{40,}",
    ),
    "ANTHROPIC_API_KEY": (r"sk-ant-(?:api|admin|oat)\d\d-[\w-]{93}AA",),
    "OPENAI_API_KEY": (
        r"sk-(?:proj|svcacct|admin|None)-[\w-]{40,}",
        r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
        r"sk-or-v1-[a-f0-9]{64}",
        r"sk-(?=[A-Za-z]*\d)[A-Za-z0-9]{32,64}",  # others who speak its dialect
    ),
    "AZURE_SECRET": (
        r"(?<![\w~.-])[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])",
        r"(?<=AccountKey=)[A-Za-z0-9+/]{86}==",
        r"(?<=SharedAccessKey=)[A-Za-z0-9+/]{43}=",
        r"(?<=[?&;]sig=)[A-Za-z0-9%+/]{43,}(?:%3D|=)?",
        r"(?<=[?&]code=)[\w-]{54}==",
    ),
    "HUGGINGFACE_TOKEN": (r"(?:hf|api_org)_[A-Za-z]{34}",),
    "JWT": (
        r"ey[A-Za-z0-9]{15,}\.ey[\w/-]{15,}\.(?:[\w/+=-]{10,}|(?=[\"'\s]|\Z))",
        r"ZXlK[A-Za-z0-9+/]{60,}={0,2}",
    ),
    "API_KEY": (
        # one issuer a pattern, alphabetically
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",  # 1Password
        r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
        r"AKID[A-Za-z0-9]{32}",  # Tencent
        r"AKCp[A-Za-z0-9]{69}",
        r"cmVmd[A-Za-z0-9]{59}",  # Artifactory
        r"API-[A-Z0-9]{26}",  # Octopus
        r"apify_api_[A-Za-z0-9]{36}",
        r"AT(?:ATT|CTT)3[\w=-]{60,}",
        r"ATBB[A-Za-z0-9]{24,}",  # Atlassian
        r"AQVN[\w-]{35,38}",
        r"YC[\w-]{38}(?![\w-])",  # Yandex
        r"bkua_[a-z0-9]{40}",
        r"CCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}",
        r"CLOJARS_[a-z0-9]{60}",
        r"dapi[a-f0-9]{32}(?:-\d)?",  # Databricks
        r"dckr_(?:pat|oat)_[\w-]{27,}",
        r"dnkey-[a-z0-9=_-]{20,}",
        r"do[opr]_v1_[a-f0-9]{64}",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
        r"dt0[a-zA-Z]\d\d\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}",
        r"duffel_(?:test|live)_[\w=-]{43}",
        r"EAA[MC][A-Za-z0-9]{100,}",
        r"\d{15,16}(?:\||%7C)[\w-]{27,40}",  # Facebook
        r"EZ[AT]K[A-Za-z0-9]{54}(?![A-Za-z0-9+/])",
        r"figd_[\w-]{38,}",
        r"fio-u-[\w=-]{64}",
        r"FLW(?:PUBK|SECK)_TEST-[a-h0-9]{12,32}(?:-X)?",
        r"fo1_[\w-]{43}",
        r"fm[12][ar]?_[A-Za-z0-9+/=]{60,}",  # Fly.io
        r"gl(?:c|sa)_[A-Za-z0-9+/_]{32,}={0,2}",
        r"eyJrIjoi[A-Za-z0-9]{60,}={0,2}",  # Grafana
        r"gsk_[A-Za-z0-9]{48,56}",  # Groq
        r"HRKU-AA[\w-]{58}",
        r"hv[sbr]\.[\w-]{90,}",
        r"(?<![\w.])s\.(?=[A-Za-z]*\d)[A-Za-z0-9]{24}(?!\w)",
        r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}",
        r"ico-[A-Za-z0-9]{32}",
        r"key-[a-f0-9]{32}",
        r"lin_(?:api|oauth)_[A-Za-z0-9]{40}",
        r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}",  # LangSmith
        r"LTAI[A-Za-z0-9]{20}",
        r"[a-f0-9]{32}-us\d{1,2}",  # Mailchimp
        r"nfp_[A-Za-z0-9]{36}",
        r"nvapi-[\w-]{60,}",
        r"NR(?:AK|II|JS|IQ|RA|AA)-[A-Za-z0-9-]{19,40}",
        r"npm_[A-Za-z0-9]{36}",
        r"ntn_\d{11}[A-Za-z0-9]{35}",
        r"secret_(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{43}",  # Notion
        r"ops_eyJ[A-Za-z0-9+/]{250,}={0,3}",
        r"oy2[a-z0-9]{43}",  # NuGet
        r"[ps]at\.[\w-]{22}\.[0-9a-zA-Z]{24}\.[0-9a-zA-Z]{20}",  # Harness
        r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}",  # Airtable
        r"pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{60,}",
        r"ph[xs]_[A-Za-z0-9]{40,}",
        r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
        r"pnu_[A-Za-z0-9]{36}",
        r"pplx-[A-Za-z0-9]{48}",
        r"pscale_(?:pw|tkn|oauth)_[\w=.-]{32,64}",
        r"pubkey-[a-f0-9]{32}",
        r"pul-[a-f0-9]{40}",
        r"pypi-AgE[\w-]{50,}",
        r"p8e-[a-z0-9]{32}",
        r"r8_[A-Za-z0-9]{37}",  # Replicate
        r"rdme_[a-z0-9]{70}",
        r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}",  # Resend
        r"rubygems_[a-f0-9]{48}",
        r"s-s4t2(?:ud|af)-[a-f0-9]{64}",
        r"sb(?:p_[a-f0-9]{40}|_secret_[\w-]{30,})",  # Supabase
        r"SG\.[\w=.-]{66}",
        r"sgp_(?:[A-Fa-f0-9]{16}|local)_[A-Fa-f0-9]{40}",
        r"sgp_[A-Fa-f0-9]{40}",
        r"sha256~[\w-]{43}",
        r"shippo_(?:live|test)_[a-f0-9]{40}",
        r"shp(?:ss|at|ca|pa)_[A-Fa-f0-9]{32}",
        r"(?:SK|AC)[0-9a-f]{32}",
        r"sl\.[\w-]{130,}",  # Dropbox
        r"sm_(?:pat|aat|sat)_[A-Za-z0-9]{16}(?!\w)",
        r"sntry(?:u_[a-f0-9]{64}|s_eyJ[\w+/=]{60,})",
        r"sq0(?:atp|csp|idp)-[\w-]{22,60}",
        r"EAAA[\w-]{22,60}(?=\W|$)",
        r"sq[pau]_[a-f0-9]{40}",  # Sonar
        r"\d{8,10}:AA[\w-]{33}",  # Telegram
        r"tfp_[\w.=-]{59}",
        r"tk-us-[\w-]{48}",
        r"tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,}",
        r"tvly-(?:[a-z]+-)?[A-Za-z0-9]{32}",
        r"xai-[A-Za-z0-9]{70,}",
        r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
        r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
        r"4b1d[A-Za-z0-9]{38}",
        r"A{20,}[\w%]{60,}",  # Twitter
        r"[MNO][A-Za-z\d]{23,25}\.[\w-]{6}\.[\w-]{27,38}",
        r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}",
        r"[\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@/-]{60,}",
        # whoever names the product, the kind and the world, then draws characters
        r"[a-z]{2,12}_(?:live|prod|sandbox|pat|sk|secret|api|apikey|key|token)_(?=[A-Za-z]{0,20}\d)[A-Za-z0-9]{24,128}",
    ),
}

# A `\n` that was escaped in a string may stand before a token.
_BEFORE, _AFTER = (
    r"(?:(?<![A-Za-z0-9+])|(?<=\\[nrt]))",
    r"(?![A-Za-z0-9])(?!\.(?:png|jpe?g|gif|svg|ico|webp|css|js|html?)\b)",
)

ISSUED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (label, re.compile(f"{_BEFORE}(?:{'|'.join(patterns)}){_AFTER}")) for label, patterns in _TOKENS.items()
)
"""By label, cheapest to read first to last."""

CANDIDATE = re.compile(r"[A-Za-z0-9_+/=.~%|:?&!-]{14,}")
"""What may hold a token: text without such a run holds none."""

_UUID = r"(?i:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
BY_ISSUER: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(f"(?i)(?<![a-z])(?:{issuers})"), re.compile(f"(?:{shape})\\Z"))
    for issuers, shape in (
        ("heroku|hubspot|snyk|message-?_?bird|kucoin|sendbird|squarespace|postmark|codacy", _UUID),
        (r"sonar", r"(?:sq[pua]_)?[A-Za-z0-9]{40}"),
        ("sourcegraph|src_access", r"[A-Fa-f0-9]{40}"),
        (r"sumo(?:logic)?[._-]?access", r"su[A-Za-z0-9]{12}"),
        ("bundle_[a-z_]*__", r"[^\s:]{4,}:[^\s:]{4,}"),
        ("asana|discord|telegram", r"\d{15,20}|\d{32}"),
        ("okta", r"00[\w=-]{40}"),
    )
)
"""Whose tokens show their issuer in the name only: what the name holds, and how the value looks."""
