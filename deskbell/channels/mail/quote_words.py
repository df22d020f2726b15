"""The words by which mail programs announce an earlier letter, in the languages that they speak.

Pure data, with the patterns made of it.  Called by quotes.py.
"""

from __future__ import annotations

import re

_WROTE = """
wrote|writes|schrieb|schreef|geschreven|a écrit|escribió|ha escrit|escreveu|ha scritto|napsala?
|napsal\\(a\\)|napísala?|napísal\\(a\\)|napisała?|napisał\\(a\\)|pisze|írta|rakstīja|raksta|rašė|kirjutas
|пишет|писал|написала?|написал\\(а\\)|написав|написала|пише|написа|написао је|napisao je|napisala je
|je napisala|je napisal|skrev|skrifaði|kirjoitti|yazdı|a scris|έγραψε|đã viết|menulis|idatzi zuen
|scríobh|escribiu|ka shkruar|כתב|כתבה|כתב/ה|كتب|نوشت|เขียน|写道|寫道|書きました|작성
"""

# "wrote" may stand before the name of the writer as well as at the end.
WROTE = re.compile(
    rf"(?<!\w)(?:{_WROTE.replace(chr(10), '')})(?!\w).{{0,150}}[:：]$", re.IGNORECASE
)

# A time of day or an address: nobody writes that into a sentence of their own that ends in "wrote:".
SURELY_A_LETTER = re.compile(r"\d{1,2}[:.]\d\d|[\w.+-]@[\w-]")

_ORIGINAL = """
Original Message|Original Appointment|Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht
|Oorspronkelijk bericht|Originele bericht|Message d'origine|Message original|Message transféré
|Mensaje original|Mensagem original|Messaggio originale|Eredeti üzenet|Původní zpráva|Původní e-mail
|Pôvodná správa|Oriģinālais ziņojums|Sākotnējais ziņojums|Pirminis laiškas|Algne kiri|Исходное сообщение
|Оригинальное сообщение|Початкове повідомлення|Wiadomość oryginalna|Oryginalna wiadomość
|Originalmeddelande|Ursprungligt meddelande|Opprinnelig melding|Oprindelig meddelelse
|Alkuperäinen viesti|Orijinal Mesaj|Özgün İleti|Mesaj original|Izvorna poruka|Izvirno sporočilo
|Αρχικό μήνυμα|Оригинално съобщение|原始邮件|原始郵件|元のメッセージ|원본 메시지
"""

ORIGINAL = re.compile(
    rf"^[\s>*]*[-–_=]{{2,}}\s*(?:{_ORIGINAL.replace(chr(10), '')})\s*[-–_=]*", re.IGNORECASE
)

_HEADERS = {
    "from": """
From|Von|De|Van|Feladó|Od|Odesílatel|Odosielateľ|No|Sūtītājs|Nuo|Saatja|От|От кого|Від|Da|Mittente|Från
|Fra|Frá|Lähettäjä|Kimden|Gönderen|De la|Šalje|Pošiljatelj|Από|寄件者|发件人|差出人|보낸 사람|מאת|من
""",
    "date": """
Sent|Date|Gesendet|Datum|Envoyé|Verzonden|Elküldve|Küldve|Dátum|Odesláno|Odoslané|Nosūtīts|Datums
|Išsiųsta|Saadetud|Kuupäev|Отправлено|Дата|Надіслано|Enviado|Enviado el|Fecha|Data|Enviada em|Inviato
|Skickat|Sendt|Dato|Lähetetty|Päivämäärä|Gönderildi|Tarih|Wysłano|Trimis|Poslano|Στάλθηκε|Ημερομηνία
|Изпратено|寄件日期|日期|发送时间|送信日時|日付|보낸 날짜|날짜|נשלח|תאריך
""",
    "to": """
To|An|À|A|Aan|Címzett|Komu|Kam|Adresāts|Kas|Кому|Para|Do|Till|Til|Vastaanottaja|Kime|Către|Za|Prima
|Προς|До|收件者|收件人|宛先|받는 사람|אל
""",
    "subject": """
Subject|Betreff|Objet|Onderwerp|Tárgy|Předmět|Predmet|Temats|Tēma|Tema|Teema|Тема|Asunto|Assunto|Oggetto
|Ämne|Emne|Efni|Aihe|Konu|Temat|Subiect|Zadeva|Θέμα|Относно|主旨|主题|件名|제목|נושא
""",
}

_HEADER = {
    kind: re.compile(rf"^[*_\s]*(?:{words.replace(chr(10), '')})[*_\s]*[:：][*_\s]*", re.IGNORECASE)
    for kind, words in _HEADERS.items()
}


def header_kind(line: str) -> str:
    """Return which header of a letter `line` repeats: from, date, to, subject, or ""."""
    if ":" not in line and "：" not in line:
        return ""
    for kind, pattern in _HEADER.items():
        if pattern.match(line):
            return kind
    return ""


FORWARD = re.compile(
    r"^\W*(?:fwd?|wg|tr|rv|enc|doorst|továbbítás|vb|vs|i|fs|pd|преп|переслано|pārs|přep|pov)\s*:",
    re.IGNORECASE,
)

SENT_FROM = re.compile(
    r"(?:Sent from (?:my|Yahoo|Mail|Outlook|Gmail)|Get Outlook for|Von meinem|Gesendet von|Envoyé de(?:puis)? "
    r"|Verzonden vanaf|Verstuurd vanaf|Enviado desde|Enviado do meu|Inviato da|Elküldve|iPhone-omról"
    r"|Odesláno z |Odoslané z |Nosūtīts no|Отправлено (?:с|из) |Wysłane z |Skickat från|Sendt fra"
    r"|Lähetetty |Sent via |Trimis de pe )[^.!?]{0,80}\.?$",
    re.IGNORECASE,
)
