"""How people ask for a model's instructions: English in many wordings, other languages in the usual ones."""
# ruff: noqa: E501 one wording a line can be read and compared; wrapped it can't
# ruff: noqa: RUF001 other scripts are part of the subject

import re

_SHOW = r"(?:reveal|show|print|repeat|output|display|write(?: out| down)?|tell|give|leak|dump|share|recite|quote|disclose|expose|return|list|translate|summari[sz]e|paraphrase|rephrase|encode|spell out|copy|paste|send|provide|describe|explain|state|echo|type)"
_HIDDEN = r"(?:system|hidden|secret|initial|developer|original|pre-?|internal|underlying|base|confidential|configured|full|exact|complete|entire|own|core|custom|first|starting|built-?in)"
_TEXT = r"(?:prompts?|instructions?|messages?|directives?|guidelines?|rules|configuration|context window|preamble)"
# Of the model's own text: "your instructions", "the system prompt", and not "the system prompt of the installer".
_YOURS = rf"(?:your (?:{_HIDDEN}[ -]){{0,3}}(?:prompts?|instructions?|directives?|guidelines?|rules|preamble)|(?:the|this|that|its) (?:{_HIDDEN}[ -]){{0,2}}(?:system|hidden|secret|developer)[ -](?:prompt|instructions?|message)(?! (?:of|for|to|on|in|at|from|when|after|before|dialog|window|box|screen|me\b)))"
_GIVEN = rf"(?:{_TEXT} (?:that |which )?(?:you (?:were|are|have been|got|received|had|operate|work|follow|run|started|begin)|(?:were|was) given to you|(?:above|before) (?:this|my|the user)))"
_ABOVE = r"(?:the )?(?:text|words|everything|all|anything|content|contents|message|lines?|sentences?|conversation|prompt)\b.{0,25}\b(?:above|before this|preceding|so far|prior to)"

REQUESTS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # To show it, in whatever form.
        rf"\b{_SHOW}\b.{{0,45}}\b{_YOURS}\b",
        rf"\b{_SHOW}\b.{{0,30}}\b(?:the |all |any |every |exact |full |original |initial )*{_GIVEN}\b",
        rf"\b(?:repeat|print|output|recite|copy|echo|reproduce|write out|translate|dump|spell out)\s+(?:me |back |out |exactly |verbatim |word for word |again )*{_ABOVE}\b",
        # To say what it is.
        rf"\bwhat(?:'s| is| are| was| were| does| do)\b.{{0,15}}\byour (?:{_HIDDEN}[ -]){{0,3}}(?:prompt|instructions|directives|preamble)\b",
        r"\bwhat(?:'s| is| was) (?:the|in the|written in the|inside the) (?:system|hidden|developer|initial) (?:prompt|message|instructions)\s*(?:\?|\.|!|$|that you|you|exactly|verbatim)",
        r"\bwhat (?:were|are|have|had) you (?:been )?(?:told|instructed|asked|given|prompted|programmed|configured)\b(?: to (?:do|say|follow|obey))?\s*(?:\?|$|before|at the (?:start|beginning)|by (?:your|the) (?:developers?|creators?|system))",
        r"\b(?:which|what) (?:instructions?|rules|directives|guidelines|prompt) (?:do|did|have|were|are) you (?:follow|get|receive|been given|given|have|obey|work|operate|told)",
        r"\bhow (?:were|are) you (?:prompted|instructed|programmed to (?:answer|respond))\b",
        r"\b(?:begin|start|starting)\b.{0,25}\bwith\b.{0,15}\b(?:you are (?:an?|the)|your (?:instructions|prompt))",
        r"\b(?:repeat|output|print|write)\b.{0,40}\b(?:starting|beginning) (?:with|from)\b.{0,25}(?:\byou are\b|\bthe (?:phrase|words?|beginning)\b|\banswer the question\b)",
        # Other languages.
        r"\b(?:zeig|nenn|gib|verrat|wiederhol|schreib|sag|druck|offenbar|übersetz)\w*\b.{0,40}\b(?:system-?\s?prompt\w*|(?:deine|ihre|eure) (?:\w+ )?(?:system|anweisung|instruktion|vorgabe|regel|anfangs)\w*)",
        r"\b(?:wie lautet|was (?:ist|sind|steht in)|wie lauten)\b.{0,20}\b(?:dein|deine|deinem|ihr|ihre|ihrem)\b.{0,15}\b(?:prompt\w*|anweisung\w*|instruktion\w*|system\w*)",
        r"\b(?:montre|affiche|révèle|donne|répète|écris|dis|imprime|quel(?:le)?s? (?:est|sont))\b.{0,30}\b(?:ton|tes|votre|vos|le|les)\b.{0,12}(?:\b(?:prompt|invite) (?:système|initiale?|caché)|\b(?<=tes )(?:instructions|consignes)|\b(?<=vos )(?:instructions|consignes)|\bmessage système)",
        r"\b(?:muestra|muéstrame|revela|dime|repite|imprime|escribe|dame|cu[aá]l(?:es)? (?:es|son))\b.{0,30}\b(?:(?:tu|el|su) (?:prompt|mensaje) (?:de(?:l)? )?(?:sistema|inicial|oculto)|(?:tus|sus) instrucciones(?: (?:iniciales|ocultas|originales|del sistema))?|tu prompt)\b",
        r"\b(?:mostra|mostrami|rivela|dimmi|ripeti|stampa|scrivi|qual[ei]? (?:è|sono))\b.{0,30}\b(?:(?:il tuo|tuo) (?:prompt|messaggio)(?: di sistema)?|le tue istruzioni|prompt di sistema)\b",
        r"\b(?:mostre|revele|diga|repita|imprima|escreva|qual (?:é|são)|quais são)\b.{0,30}\b(?:(?:o )?(?:seu|teu) (?:prompt|mensagem)(?: d[eo] sistema)?|(?:as )?(?:suas|tuas) instruções|prompt d[eo] sistema)\b",
        r"\b(?:toon|laat|geef|herhaal|onthul|print|wat (?:is|zijn))\b.{0,30}\b(?:(?:je|jouw|uw) (?:systeem-?\s?prompt|prompt|instructies|systeeminstructies)|de systeemprompt)\b",
        r"\b(?:visa|avslöja|upprepa|skriv|ge|vad är|vilka är)\b.{0,30}\b(?:din (?:system-?\s?prompt|prompt)|dina (?:\w+ )?(?:instruktioner|anvisningar)|systemprompten)\b",
        r"\b(?:näytä|paljasta|toista|kerro|tulosta|mikä on|mitkä ovat)\b.{0,30}\b(?:järjestelmäkehot\w*|(?:sinun )?ohjeesi\b|kehotteesi\b)",
        r"\b(?:pokaż|ujawnij|powtórz|wypisz|podaj|jaki(?:e)? (?:jest|są))\b.{0,30}\b(?:(?:swój|twój|swoje|twoje) (?:prompt\w*|instrukcje|polecenia)|prompt systemowy)",
        r"(?:покажи|раскрой|повтори|выведи|напиши|скажи|каков[ыа]?|какие).{0,30}(?:системн\w+ (?:промпт|подсказк|инструкц|сообщен)\w*|(?:свои|твои|ваши) (?:\w+ )?(?:инструкции|указания)|(?:свой|твой) промпт)",
        r"\b(?:göster|yaz|tekrarla|söyle|nedir|açıkla)\b.{0,30}\bsistem (?:istem|prompt|talimat)\w*|\bsistem (?:istem|prompt|talimat)\w*.{0,30}\b(?:göster|yaz|tekrarla|söyle|nedir|açıkla)\w*",
        r"(?:显示|输出|打印|告诉我|重复|透露|给我看|是什么|泄露).{0,15}(?:系统提示|系统指令|提示词|你的(?:初始)?(?:指令|提示))|(?:你的(?:系统)?(?:提示词|指令|提示)|系统提示词?).{0,8}(?:是什么|显示|输出|打印|告诉我)",
        r"(?:システムプロンプト|(?:あなた|君)の(?:指示|プロンプト|命令)|初期指示).{0,15}(?:教え|表示|見せ|繰り返|出力|何)",
        r"(?:시스템 ?프롬프트|(?:너의|당신의) ?(?:지시|프롬프트|명령)).{0,15}(?:알려|보여|출력|반복|뭐|무엇)",
        r"(?:أظهر|اعرض|اكشف|كرر|ما هي|اكتب).{0,30}(?:موجه النظام|تعليماتك|تعليمات النظام)",
        r"(?:सिस्टम प्रॉम्प्ट|आपके निर्देश|अपने निर्देश).{0,25}(?:दिखा|बता|दोहरा|क्या)",
    )
)
"""Wordings that ask for it, each of which convicts alone."""
