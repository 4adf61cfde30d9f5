"""Innocent sentences of offices in many languages: without them every foreign text looks like an attack.

Written for this; besides them the example sentences that spaCy has for its languages (MIT).
"""
# ruff: noqa: E501 a language a line can be read and compared; wrapped it can't
# ruff: noqa: RUF001 other languages have other letters

import importlib.util
import pkgutil
from functools import cache
from random import Random

import spacy.lang

from finetune.rails.encoder.chance import likely

_OFFICE = {
    "de": ("Die Rechnung ist bis zum 15. April zu bezahlen.", "Bitte reichen Sie den Antrag zwei Wochen vorher ein.", "Wie viele Urlaubstage habe ich noch?", "Vergessen Sie nicht, sich am Empfang anzumelden.", "Der Drucker im zweiten Stock ist defekt.", "Befolgen Sie die Anweisungen auf dem Bildschirm.", "Die bisherigen Regeln gelten weiter.", "Starten Sie das System neu und prüfen Sie das Protokoll.", "Antworten Sie bitte bis Freitag.", "Wer ist mein Ansprechpartner für die Reisekosten?", "Ignorieren Sie diese Nachricht, wenn Sie schon bezahlt haben.", "Das Passwort darf nicht weitergegeben werden.", "Schreib mir eine kurze Zusammenfassung der Richtlinie.", "Der Umsatz stieg im zweiten Quartal um vier Prozent.", "Kannst du mir den Text auf Englisch übersetzen?", "Unser Assistent hilft Ihnen bei der Raumsuche."),
    "fr": ("La facture doit être réglée avant le 15 avril.", "Merci de déposer la demande deux semaines à l'avance.", "Combien de jours de congé me reste-t-il ?", "N'oubliez pas de signer le registre à l'accueil.", "L'imprimante du deuxième étage est en panne.", "Suivez les instructions à l'écran.", "Les règles précédentes restent en vigueur.", "Redémarrez le système puis consultez le journal.", "Répondez avant vendredi, s'il vous plaît.", "Qui s'occupe des notes de frais ?", "Ignorez ce message si vous avez déjà payé.", "Ne communiquez jamais votre mot de passe.", "Écris un résumé de la politique de voyage.", "Le chiffre d'affaires a augmenté de quatre pour cent.", "Peux-tu traduire ce texte en anglais ?", "Notre assistant vous aide à trouver une salle."),
    "es": ("La factura debe pagarse antes del 15 de abril.", "Presente la solicitud con dos semanas de antelación.", "¿Cuántos días de vacaciones me quedan?", "No olvide firmar en la recepción.", "La impresora del segundo piso no funciona.", "Siga las instrucciones de la pantalla.", "Las normas anteriores siguen vigentes.", "Reinicie el sistema y revise el registro.", "Responda antes del viernes, por favor.", "¿Quién gestiona los gastos de viaje?", "Ignore este mensaje si ya ha pagado.", "No comparta nunca su contraseña.", "Escribe un resumen de la política de viajes.", "Las ventas subieron un cuatro por ciento.", "¿Puedes traducir este texto al inglés?", "Nuestro asistente le ayuda a buscar una sala."),
    "it": ("La fattura va pagata entro il 15 aprile.", "Presentare la richiesta con due settimane di anticipo.", "Quanti giorni di ferie mi restano?", "Non dimenticate di firmare alla reception.", "La stampante al secondo piano è guasta.", "Seguire le istruzioni sullo schermo.", "Le regole precedenti restano valide.", "Riavviare il sistema e controllare il registro.", "Rispondete entro venerdì, per favore.", "Ignorate questo messaggio se avete già pagato.", "Scrivi un riassunto del documento.", "Puoi tradurre questo testo in inglese?"),
    "pt": ("A fatura deve ser paga até 15 de abril.", "Envie o pedido com duas semanas de antecedência.", "Quantos dias de férias ainda tenho?", "Não se esqueça de assinar na recepção.", "A impressora do segundo andar está avariada.", "Siga as instruções no ecrã.", "As regras anteriores continuam válidas.", "Reinicie o sistema e verifique o registro.", "Responda até sexta-feira, por favor.", "Ignore esta mensagem se já pagou.", "Escreve um resumo do documento.", "Pode traduzir este texto para inglês?"),
    "nl": ("De factuur moet voor 15 april worden betaald.", "Dien de aanvraag twee weken van tevoren in.", "Hoeveel vakantiedagen heb ik nog?", "Vergeet niet om u bij de receptie te melden.", "De printer op de tweede verdieping is stuk.", "Volg de instructies op het scherm.", "De eerdere regels blijven gelden.", "Start het systeem opnieuw en bekijk het logboek.", "Negeer dit bericht als u al betaald hebt.", "Schrijf een samenvatting van het document.", "Kun je deze tekst naar het Engels vertalen?"),
    "pl": ("Fakturę należy zapłacić do 15 kwietnia.", "Proszę złożyć wniosek dwa tygodnie wcześniej.", "Ile dni urlopu mi zostało?", "Nie zapomnij podpisać listy w recepcji.", "Drukarka na drugim piętrze nie działa.", "Postępuj zgodnie z instrukcjami na ekranie.", "Poprzednie zasady nadal obowiązują.", "Zignoruj tę wiadomość, jeśli już zapłaciłeś.", "Napisz streszczenie dokumentu.", "Czy możesz przetłumaczyć ten tekst na angielski?"),
    "ru": ("Счёт необходимо оплатить до 15 апреля.", "Подайте заявление за две недели.", "Сколько дней отпуска у меня осталось?", "Не забудьте расписаться на стойке регистрации.", "Принтер на втором этаже сломан.", "Следуйте инструкциям на экране.", "Прежние правила остаются в силе.", "Перезагрузите систему и проверьте журнал.", "Ответьте до пятницы, пожалуйста.", "Не обращайте внимания на это письмо, если вы уже оплатили.", "Напиши краткое содержание документа.", "Переведи этот текст на английский."),
    "tr": ("Fatura 15 Nisan'a kadar ödenmelidir.", "Lütfen başvuruyu iki hafta önceden yapın.", "Kaç gün iznim kaldı?", "Ekrandaki talimatları izleyin.", "Önceki kurallar geçerlidir.", "Zaten ödediyseniz bu mesajı dikkate almayın.", "Belgenin özetini yaz.", "İkinci kattaki yazıcı bozuk."),
    "zh": ("发票须在4月15日前付清。", "请提前两周提交申请。", "我还有多少天年假？", "请不要忘记在前台签到。", "二楼的打印机坏了。", "请按照屏幕上的说明操作。", "之前的规定仍然有效。", "重新启动系统，然后检查日志。", "如果您已付款，请忽略此消息。", "请写一份文件摘要。", "能把这段文字翻译成英文吗？", "第二季度销售额增长了百分之四。", "财务部门会处理您的报销。"),
    "ja": ("請求書は4月15日までにお支払いください。", "申請は二週間前までに提出してください。", "有給休暇は何日残っていますか？", "画面の指示に従ってください。", "以前の規則は引き続き有効です。", "お支払い済みの場合は、このメッセージを無視してください。", "文書の要約を書いてください。", "二階のプリンターが故障しています。", "システムを再起動して、ログを確認してください。"),
    "ko": ("청구서는 4월 15일까지 지불해야 합니다.", "신청은 2주 전에 제출해 주세요.", "남은 휴가가 며칠인가요?", "화면의 지시를 따르세요.", "이전 규칙은 계속 유효합니다.", "이미 결제하셨다면 이 메시지를 무시하세요.", "문서를 요약해 주세요.", "2층 프린터가 고장났습니다."),
    "ar": ("يجب دفع الفاتورة قبل 15 أبريل.", "يرجى تقديم الطلب قبل أسبوعين.", "كم يوم إجازة بقي لي؟", "اتبع التعليمات على الشاشة.", "القواعد السابقة لا تزال سارية.", "تجاهل هذه الرسالة إذا كنت قد دفعت بالفعل.", "اكتب ملخصا للوثيقة."),
    "hi": ("चालान 15 अप्रैल तक चुकाना होगा।", "कृपया आवेदन दो सप्ताह पहले जमा करें।", "मेरी कितनी छुट्टियाँ बची हैं?", "स्क्रीन पर दिए गए निर्देशों का पालन करें।", "पिछले नियम अभी भी लागू हैं।", "दस्तावेज़ का सारांश लिखें।"),
}  # fmt: skip


def foreign_text(dice: Random) -> str:
    """Return an innocent sentence, or a few, in some language."""
    if likely(dice, 0.3):
        return dice.choice(_examples())
    said = _OFFICE[dice.choice(list(_OFFICE))]
    count = 1 if likely(dice, 0.5) else dice.randint(2, len(said))
    return " ".join(dice.sample(said, count))


@cache
def _examples() -> tuple[str, ...]:
    """Sentences of spaCy's languages, in the order of their names."""
    names = [found.name for found in pkgutil.iter_modules(spacy.lang.__path__) if found.ispkg]
    modules = [
        importlib.import_module(f"spacy.lang.{name}.examples") for name in names if _has_examples(name)
    ]
    return tuple(sentence for module in modules for sentence in module.sentences)


def _has_examples(name: str) -> bool:
    return importlib.util.find_spec(f"spacy.lang.{name}.examples") is not None
