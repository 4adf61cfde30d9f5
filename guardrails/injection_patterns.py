"""How attempts to instruct the model are worded: overrides, role markers, hidden text, secrecy."""
# ruff: noqa: E501 one wording a line can be read and compared; wrapped it can't
# ruff: noqa: RUF001 quotation marks of all kinds are meant

import re

from guardrails.wording import Wording, small

_ORDERS = r"(?:instructions?|prompts?|directions?|directives?|guidelines?|commands?|orders|rules|programming|constraints|restrictions)"
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|initial|original|existing|system|safety|your|these|those|all|any|every|other)"
_MACHINES = "ai|a.i.|llm|language model|chatbot|chat bot|gpt"
_MACHINE = r"(?:an? |the |any |all )?(?:ai|a\.i\.|llm|language model|ai assistant|chat ?bot|gpt|chatgpt|ai model|ai system)s?"


# Each with the words that its matches cannot do without.
WORDINGS = (
    Wording(
        r"\b(?:ignor|disregard|forget|overrid|bypass|neglect|abandon|delet|eras|suspend|cancel)\w{0,4}\s+(?:\w+\s+){0,3}?"
        + _EARLIER
        + r"\s+(?:\w+\s+){0,3}?"
        + _ORDERS
        + r"\b",
        "ignor|disregard|forget|overrid|bypass|neglect|abandon|delet|eras|suspend|cancel",
    ),
    Wording(
        r"\b(?:ignore|disregard|forget)\s+(?:everything|all|anything)\b.{0,20}\b(?:above|before|previously|told|earlier|you know|learned)\b",
        "ignore|disregard|forget",
    ),
    Wording(
        r"\b(?:ignorier|vergiss|missachte|überspring|beachte nicht)\w*\s.{0,30}\b(?:anweisung|anleitung|befehl|instruktion|regel)\w*"
        r"|\b(?:ignore[zr]?|oublie[zr]?)\s.{0,30}\b(?:instructions|consignes|règles)\b"
        r"|\b(?:ignora|olvida|descarta)\w*\s.{0,30}\b(?:instrucciones|órdenes|reglas|istruzioni)\b",
        "ignor|vergiss|missachte|überspring|beachte nicht|oublie|olvida|descarta",
    ),
    Wording(
        r"\b(?:reveal|show|print|repeat|output|display|tell|give|leak|dump|share|recite|quote|disclose|what (?:is|are|was|were))\b.{0,40}"
        r"\b(?:system|hidden|secret|initial|developer|pre-?)\s?prompt\b",
        "prompt",
    ),
    Wording(
        r"\b(?:reveal|print|repeat|output|leak|dump|recite|disclose|show me)\b.{0,25}\byour\s(?:\w+\s){0,2}(?:prompt|instructions)\b"
        r"|\bwhat (?:is|are|was|were) your (?:system|initial|hidden|original|secret|full|exact) (?:prompt|instructions)\b",
        "your",
        "prompt|instructions",
    ),
    Wording(
        r"\byou (?:are|will be|have become) (?:now )?(?:dan\b|in (?:developer|god|debug|admin|dan|jailbreak|unrestricted) mode"
        r"|an? (?:unrestricted|unfiltered|uncensored|evil|amoral|jailbroken)|no longer (?:bound|restricted|limited))",
        "you are|you will be|you have become",
    ),
    Wording(
        r"\b(?:do anything now|developer mode (?:enabled|on|output)|jailbreak (?:mode|prompt)|stay in character|break (?:out of )?character)\b",
        "do anything now|developer mode|jailbreak|character",
    ),
    Wording(
        r"\b(?:without|free (?:of|from)|no) (?:any )?(?:ethical|moral|content|safety) (?:restrictions|guidelines|limits|limitations|filters|constraints|rules)\b",
        "ethical|moral|content|safety",
        "restrictions|guidelines|limits|limitations|filters|constraints|rules",
    ),
    Wording(
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\|>|\[/?INST\]|<</?SYS>>|</?(?:system|system_prompt|instructions?)>",
        "im_start|im_end|system|user|assistant|endoftext|eot_id|inst]|sys>>|instruction>|instructions>",
        ">|inst]",
    ),
    Wording(
        r"^\W{0,4}(?:system|developer)(?: (?:prompt|message|override|notice|note))\W{0,3}:",
        "system|developer",
        "prompt|message|override|notice|note",
    ),
    Wording(r"^\s{0,4}(?:#{1,4}\s?)?(?:system|assistant|human|user)\s?:", "system|assistant|human|user"),
    Wording(
        r"\b(?:if|when|while|as|since) you(?:'re| are) " + _MACHINE + r"\b",
        "you're|you are",
        _MACHINES,
    ),
    Wording(
        r"\b(?:note|attention|message|instructions?|notice|important|reminder)\W{1,3}(?:to|for)\s"
        + _MACHINE
        + r"\b",
        "note|attention|message|instruction|notice|important|reminder",
        _MACHINES,
    ),
    Wording(
        r"\b"
        + _MACHINE
        + r"\s(?:reading|processing|summari[sz]ing|analy[sz]ing|parsing|that reads?|who reads?|must|should|shall|will)\b"
        r"(?=[^.]{0,80}\b(?:say|reply|respond|answer|output|include|recommend|tell|ignore|follow|add|insert|send|rate|approve)\b)",
        _MACHINES,
        "reading|processing|summari|analy|parsing|read|must|should|shall|will",
    ),
    Wording(
        r"\b(?:do not|don't|never|without)\s(?:tell|mention|reveal|inform|disclose|alert|telling|informing|alerting|mentioning)\w*\b.{0,30}\b(?:the )?user\b",
        "do not|don't|never|without",
        "tell|mention|reveal|inform|disclose|alert",
        "user",
    ),
    Wording(
        r"\b(?:send|post|forward|upload|exfiltrate|transmit|append|include)\b.{0,60}\b(?:conversation|chat history|system prompt|api keys?|credentials|user'?s? (?:data|messages?|question))\b"
        r".{0,60}(?:https?://|\bto\s\S+@)",
        "conversation|chat history|system prompt|api key|credentials|user",
        "http|@",
    ),
    Wording(
        r"!\[[^\]]{0,80}\]\(https?://[^)]{0,200}(?:\{|\$\{|<|%7b)",
        "](http",
        "{|<|%7b",
    ),
    Wording(
        r"\b(?:your|the) (?:new|real|actual|only|sole|true|next) (?:task|goal|job|purpose|mission|objective|role|instructions?|directives?|orders?) (?:is|are|will be)\b",
        " new| real| actual| only| sole| true| next",
        " task| goal| job| purpose| mission| objective| role| instruction| directive| order",
        " is| are| will be",
    ),
    Wording(
        r"\b(?:new|updated|urgent|override|priority|special) (?:instructions?|directives?|orders?)\s?:",
        " instruction| directive| order",
    ),
    Wording(
        r"\b(?:follow|obey|execute|listen to) (?:only )?(?:these|the following|my|this) (?:new |next |following )?(?:instructions?|directives?|orders?|commands?)\b(?! (?:to|in order|when|if))",
        "follow|obey|execute|listen to",
        " instruction| directive| order| command",
    ),
    Wording(
        r"\b(?:instead|then|just|only|must|now),? (?:say|reply|respond|output|print|write|answer)\b.{0,20}(?:[\"'“‘:]|\bwith\b|\bexactly\b)",
        "instead|then|just|only|must|now",
        " say| reply| respond| output| print| write| answer",
    ),
    Wording(
        r"\b(?:pretend|imagine|suppose|act) (?:to be|you are|you're|as if|as an?|that you)\b|\bfrom now on\b|\byou are now\b|\brole-?play\b",
        "pretend|imagine|suppose|act to be|act you|act as|act that|from now on|you are now|role-play|roleplay",
    ),
    Wording(
        r"\b(?:attention|urgent|alert|halt|heed|directive|imperative|obsolete|priority (?:notice|update|message)|crucial)\b",
        "attention|urgent|alert|halt|heed|directive|imperative|obsolete|priority|crucial",
    ),
    Wording(
        r"\b(?:upcoming|following|next|forthcoming) (?:instructions?|task|command|directive|question)\b",
        "upcoming|following|next|forthcoming",
        " instruction| task| command| directive| question",
    ),
    Wording(
        r"<[^>]{0,200}style\s?=\s?[\"'][^\"']{0,200}(?:display\s?:\s?none|font-size\s?:\s?0|visibility\s?:\s?hidden|opacity\s?:\s?0\b)",
        "style",
    ),
    Wording(
        r"\b(?:__(?:class|import|builtins|globals|subclasses|mro)__|os\.system|subprocess\.|eval\(|exec\(|rm -rf|<script|drop table|union select|\{\{.{1,80}\}\})",
        "__|os.system|subprocess.|eval(|exec(|rm -rf|<script|drop table|union select|{{",
    ),
)

_INVISIBLE = re.compile(
    r"[\U000E0000-\U000E007F]{4,}|[\u200b-\u200d\u2060\ufeff]{6,}|(?:[\u200b\u2060]\w){8,}|[\u202a-\u202e]{2,}"
)


def worded(text: str) -> bool:
    """Return whether `text` shows a wording of attacks. Many plain texts do too."""
    plain = small(text)
    return any(wording.search(text, plain) for wording in WORDINGS) or (
        not text.isascii() and _INVISIBLE.search(text) is not None
    )


# Of Cyrillic letters those are needed that have no other small form.
OVERRIDES = (
    Wording(
        r"\b(?:ignorier|vergiss|vergesst|missachte)\w*\s(?:bitte\s)?(?:(?:alle[ns]?|sämtliche[ns]?)\s(?:\w+\s)?|(?:die|deine|den)\s(?:bisherig|vorherig|vorig|obig|vorangegangen)\w*\s)(?:anweisung|befehl|instruktion|regel|vorgabe)\w*",
        "ignorier|vergiss|vergesst|missachte",
        "anweisung|befehl|instruktion|regel|vorgabe",
    ),
    Wording(
        r"\b(?:ignore[zr]?|oublie[zr]?)\s(?:toutes\s(?:les|tes|vos)\s(?:instructions|consignes|règles)|(?:les|tes|vos)\s(?:instructions|consignes|règles)\s(?:précédentes|ci-dessus|antérieures))",
        "ignore|oublie",
        "instructions|consignes|règles",
        "toutes|précédentes|ci-dessus|antérieures",
    ),
    Wording(
        r"\b(?:ignora|olvida|descarta)\w*\s(?:todas\s(?:las|tus)\s(?:instrucciones|órdenes|reglas)|(?:las|tus)\s(?:instrucciones|órdenes|reglas)\s(?:anteriores|previas))",
        "ignora|olvida|descarta",
        "instrucciones|órdenes|reglas",
    ),
    Wording(
        r"\b(?:ignora|dimentica)\w*\s(?:tutte\s)?le\s(?:tue\s)?(?:istruzioni|regole)\sprecedenti",
        "ignora|dimentica",
        "istruzioni|regole",
    ),
    Wording(
        r"\b(?:ignor[ea]|esqueça|esquece)\s(?:todas\s)?as\s(?:tuas\s|suas\s)?(?:instruções|regras)\santeriores",
        "ignor|esque",
        "instruções|regras",
    ),
    Wording(
        r"\b(?:игнорируй|забудь|проигнорируй)\w*\s(?:все\s)?(?:предыдущие|прежние|прошлые|свои)\s(?:инструкции|правила|указания|команды)",
        "игн|забу",
    ),
    Wording(
        r"(?:忽略|无视|忘记|忘掉)(?:之前|以上|上面|前面|先前|所有|全部|你)[^。，,\n]{0,8}(?:指令|指示|规则|提示)",
        "忽略|无视|忘",
    ),
    Wording(
        r"(?:以前|これまで|上記|すべて|全て)の?[^。\n]{0,8}(?:指示|命令|ルール)を[^。\n]{0,4}(?:無視|忘れ)",
        "無視|忘れ",
    ),
    Wording(
        r"이전의?\s?(?:모든\s)?(?:지시|명령|규칙)\S*\s?(?:무시|잊)",
        "이전",
    ),
)


def override(text: str) -> re.Match[str] | None:
    """Return where `text` says in a language other than English that earlier orders no longer hold.

    The encoder saw little of these languages. English wordings prove nothing: "override all rules in CSS".
    """
    plain = small(text)
    found = [match for wording in OVERRIDES if (match := wording.search(text, plain))]
    return min(found, key=lambda match: match.start(), default=None)
