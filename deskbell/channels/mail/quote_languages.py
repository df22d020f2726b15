"""The words of mail programs around an earlier letter, language by language.

Pure data for quote_words.py, made to be read and mended by whoever speaks the language.  Words stand
between bars; "…" is anything in between.  Capitals, spaces and dashes around them do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What mail programs write in one language.

    wrote      of the one who is quoted: "On … Emil wrote:"
    original   between dashes above a letter that is repeated
    forwarded  between dashes above a letter that is handed on
    sender, date, to, subject   the headers that are repeated above it
    sent_from  the line with which a program names itself below the words
    below      what people say whose answers stand inside the quoted letter
    """

    wrote: str = ""
    original: str = ""
    forwarded: str = ""
    sender: str = ""
    date: str = ""
    to: str = ""
    subject: str = ""
    sent_from: str = ""
    below: str = ""


LANGUAGES = {
    "en": Words(
        wrote="wrote|writes|has written|said|Quoting",
        original="Original Message|Original Appointment|Original Mail|Reply message|Reply Message|Previous message",
        forwarded="Forwarded message|Begin forwarded message|Forwarded by",
        sender="From|Sender",
        date="Sent|Date|Sent on",
        to="To|Recipient",
        subject="Subject",
        sent_from="Sent from my|Sent from Mail for|Sent from Yahoo|Sent from Outlook|Sent from Samsung"
        "|Sent from Gmail"
        "|Sent from AOL|Sent from Proton|Sent from Fastmail|Sent with|Sent via|Sent using|Get Outlook for"
        "|Get BlueMail for"
        "|Securely sent with Tuta",
        below="see below|answers below|answered below|comments below|replies below|inline|in-line|in red"
        "|in blue|in green",
    ),
    "de": Words(
        wrote="schrieb|geschrieben|hat geschrieben|schreibt|Zitat von",
        original="Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht|Ursprüngliche E-Mail"
        "|Original Nachricht"
        "|Urspr. Nachricht|Antwort Nachricht",
        forwarded="Weitergeleitete Nachricht|Anfang der weitergeleiteten Nachricht|Anfang der weitergeleiteten E-Mail"
        "|Ende der weitergeleiteten Nachricht",
        sender="Von|Absender",
        date="Gesendet|Datum|Gesendet am",
        to="An|Empfänger",
        subject="Betreff",
        sent_from="Von meinem … gesendet|Gesendet von|Gesendet mit|Diese Nachricht wurde von meinem|Outlook für"
        "|Holen Sie sich Outlook für"
        "|Von … gesendet",
        below="siehe unten|s. u.|in rot|in blau|antworten unten|antworten im text|kommentare im text",
    ),
    "nl": Words(
        wrote="schreef|heeft … geschreven|geschreven|schrijft|Quoting",
        original="Oorspronkelijk bericht|Originele bericht|Origineel bericht|Oorspronkelijke e-mail",
        forwarded="Doorgestuurd bericht|Begin doorgestuurd bericht",
        sender="Van|Afzender",
        date="Verzonden|Datum|Verzonden op",
        to="Aan|Geadresseerde",
        subject="Onderwerp",
        sent_from="Verzonden vanaf|Verstuurd vanaf|Verstuurd met|Verzonden met|Verzonden via|Outlook voor"
        "|Download Outlook voor",
        below="zie onder|zie hieronder|in het rood|antwoorden hieronder",
    ),
    "fr": Words(
        wrote="a écrit|écrit|écrivait|Citation de|Quoting",
        original="Message d'origine|Message d’origine|Message original|Mail original|Courriel original"
        "|E-mail d'origine|Message initial",
        forwarded="Message transféré|Message transmis|Début du message transféré|Début du message réexpédié"
        "|Courriel transféré|Mail transféré",
        sender="De|Expéditeur",
        date="Envoyé|Date|Envoyé le",
        to="À|A|Pour|Destinataire",
        subject="Objet|Sujet",
        sent_from="Envoyé de|Envoyé depuis|Envoyé à partir de|Envoyé avec|Télécharger Outlook pour"
        "|Obtenir Outlook pour|Provenance : Courrier",
        below="voir ci-dessous|mes réponses ci-dessous|en rouge|dans le texte",
    ),
    "es": Words(
        wrote="escribió|ha escrito|escribe|Citando a",
        original="Mensaje original|Mensaje Original|Correo original",
        forwarded="Mensaje reenviado|Inicio del mensaje reenviado|Correo reenviado",
        sender="De|Remitente",
        date="Enviado|Enviado el|Fecha|Enviado a las",
        to="Para|A|Destinatario",
        subject="Asunto",
        sent_from="Enviado desde|Enviado por|Enviado con|Obtener Outlook para|Obtén Outlook para"
        "|Descargar Outlook para",
        below="ver abajo|más abajo|en rojo|entre líneas",
    ),
    "ca": Words(
        wrote="ha escrit|va escriure|escriu|Missatge de",
        original="Missatge original",
        forwarded="Missatge reenviat",
        sender="De",
        date="Enviat|Data",
        to="Per a|A",
        subject="Assumpte",
        sent_from="Enviat des de|Enviat del meu",
    ),
    "pt": Words(
        wrote="escreveu|escreveram|escreve|Citando",
        original="Mensagem original|Mensagem Original|E-mail original",
        forwarded="Mensagem encaminhada|Mensagem reencaminhada|Início da mensagem encaminhada"
        "|Início da mensagem reencaminhada",
        sender="De|Remetente",
        date="Enviado|Enviada|Enviado em|Enviada em|Data",
        to="Para|Destinatário",
        subject="Assunto",
        sent_from="Enviado do meu|Enviado do|Enviado a partir|Enviado de|Enviado pelo|Obter o Outlook para"
        "|Obtenha o Outlook para|Baixar o Outlook para",
        below="ver abaixo|veja abaixo|em vermelho|no corpo da mensagem",
    ),
    "it": Words(
        wrote="ha scritto|scrive|scriveva|scritto|Quoting|Citando",
        original="Messaggio originale|Messaggio Originale|Messaggio di origine|Mail originale",
        forwarded="Messaggio inoltrato|Inizio messaggio inoltrato|Inizio del messaggio inoltrato",
        sender="Da|Mittente",
        date="Inviato|Data|Inviato il",
        to="A|Destinatario",
        subject="Oggetto",
        sent_from="Inviato da|Inviato con|Inviato dal|Scarica Outlook per|Ottieni Outlook per",
        below="vedi sotto|qui sotto|in rosso|nel testo",
    ),
    "ro": Words(
        wrote="a scris|scrie|a trimis",
        original="Mesaj original|Mesajul original|Mesaj inițial",
        forwarded="Mesaj redirecționat|Începe mesajul redirecționat|Mesaj retransmis",
        sender="De la|Expeditor|Expeditorul|De",
        date="Trimis|Data|Trimis la",
        to="Către|Catre|La|Destinatar|Destinatarul",
        subject="Subiect|Subiectul",
        sent_from="Trimis de pe|Trimis din|Descărcați Outlook pentru|Obțineți Outlook pentru",
    ),
    "hu": Words(
        wrote="írta|ezt írta|a következőt írta|írta a következőt|időpontban … írta|keltezéssel … írta",
        original="Eredeti üzenet|Eredeti levél|Eredeti e-mail|Az eredeti üzenet",
        forwarded="Továbbított üzenet|Továbbított levél|Továbbított levél kezdete|Továbbított üzenet kezdete",
        sender="Feladó|Küldő",
        date="Elküldve|Küldve|Dátum|Küldés dátuma|Küldés ideje",
        to="Címzett|Címzettek",
        subject="Tárgy",
        sent_from="Elküldve az|Az iPhone-omról küldve|…-omról küldve|…-emről küldve|Elküldve innen"
        "|Elküldve a következőből|Küldve|Az Outlook beszerzése"
        "|Az én … küldve|Samsung … küldve|Töltse le az Outlook",
        below="lásd lent|lásd alább|a válaszaim lent|pirossal|a szövegben",
    ),
    "cs": Words(
        wrote="napsal(a)|napsal|napsala|napsali|píše|Citát",
        original="Původní zpráva|Původní e-mail|Původní mail|Původní email|Původní e-mailová zpráva",
        forwarded="Přeposlaná zpráva|Začátek přeposílané zprávy|Přeposlaný e-mail",
        sender="Od|Odesílatel",
        date="Odesláno|Datum|Odeslané",
        to="Komu|Pro|Příjemce",
        subject="Předmět",
        sent_from="Odesláno z|Odesláno ze|Odesláno pomocí|Odesláno přes|Posláno z|Získat Outlook pro"
        "|Stáhnout Outlook pro",
        below="viz níže|odpovědi níže|červeně|v textu",
    ),
    "sk": Words(
        wrote="napísal(a)|napísal|napísala|píše",
        original="Pôvodná správa|Pôvodný e-mail|Pôvodná e-mailová správa|Pôvodný mail",
        forwarded="Preposlaná správa|Začiatok preposlanej správy",
        sender="Od|Odosielateľ",
        date="Odoslané|Dátum|Poslané",
        to="Komu|Pre|Príjemca",
        subject="Predmet",
        sent_from="Odoslané z|Odoslané zo|Odoslané pomocou|Získajte Outlook pre|Získať Outlook pre",
        below="viď nižšie|pozri nižšie|červenou",
    ),
    "pl": Words(
        wrote="napisał(a)|napisał|napisała|pisze|nadesłał|Cytowanie|Cytat",
        original="Wiadomość oryginalna|Oryginalna wiadomość|Wiadomość źródłowa|Pierwotna wiadomość"
        "|Treść oryginalnej wiadomości|Oryginalna Wiadomość",
        forwarded="Przekazana wiadomość|Wiadomość przekazana|Treść przekazanej wiadomości"
        "|Początek przekazywanej wiadomości|Wiadomość przesłana dalej",
        sender="Od|Nadawca",
        date="Wysłano|Wysłane|Data|Data wysłania",
        to="Do|Adresat",
        subject="Temat",
        sent_from="Wysłano z|Wysłane z|Wysłano za pomocą|Wysłano przez|Pobierz aplikację Outlook"
        "|Pobierz program Outlook",
        below="patrz poniżej|odpowiedzi poniżej|na czerwono|w treści",
    ),
    "lv": Words(
        wrote="rakstīja|raksta|uzrakstīja|Citējot|Citēju",
        original="Oriģinālais ziņojums|Sākotnējais ziņojums|Oriģinālā ziņa|Sākotnējā vēstule|Sākotnējā ziņa",
        forwarded="Pārsūtīts ziņojums|Pārsūtīta vēstule|Pārsūtītais ziņojums|Pārsūtīta ziņa",
        sender="No|Sūtītājs|No kā",
        date="Nosūtīts|Datums|Nosūtīta",
        to="Kam|Adresāts|Saņēmējs",
        subject="Temats|Tēma|Temata",
        sent_from="Nosūtīts no|Nosūtīts ar|Sūtīts no|Iegūt Outlook|Iegūstiet Outlook",
        below="skat. zemāk|skatīt zemāk|atbildes zemāk|sarkanā krāsā",
    ),
    "lt": Words(
        wrote="rašė|parašė|rašo",
        original="Pirminis laiškas|Originalus laiškas|Pradinis laiškas|Originali žinutė|Pradinis pranešimas",
        forwarded="Persiųstas laiškas|Persiunčiamas laiškas|Persiųstas pranešimas",
        sender="Nuo|Siuntėjas|Kas",
        date="Išsiųsta|Data",
        to="Kam|Gavėjas|Iki",
        subject="Tema",
        sent_from="Išsiųsta iš|Siųsta iš|Išsiųsta naudojant|Gauti „Outlook",
    ),
    "et": Words(
        wrote="kirjutas|kirjutab|on kirjutanud",
        original="Algne kiri|Algne sõnum|Algsõnum|Originaalsõnum|Algne e-kiri|Esialgne kiri",
        forwarded="Edastatud kiri|Edastatud sõnum|Edasisaadetud kiri",
        sender="Saatja|Kellelt",
        date="Saadetud|Kuupäev|Saatmisaeg",
        to="Adressaat|Kellele|Saaja",
        subject="Teema",
        sent_from="Saadetud minu|Saadetud rakendusest|Saadetud …-st|Hankige Outlook|Saatja minu",
    ),
    "fi": Words(
        wrote="kirjoitti|kirjoitti … näin|kirjoittaa|lähetti|Lainaus",
        original="Alkuperäinen viesti|Alkuperäinen sähköposti",
        forwarded="Välitetty viesti|Välitetty viesti alkaa|Edelleenlähetetty viesti|Välitetty viesti / Fwd.Msg",
        sender="Lähettäjä|Keneltä",
        date="Lähetetty|Päivämäärä|Päiväys",
        to="Vastaanottaja|Kenelle",
        subject="Aihe",
        sent_from="Lähetetty …|Lähetetty iPhonesta|Hanki Outlook",
    ),
    "sv": Words(
        wrote="skrev|skriver|Citerar",
        original="Originalmeddelande|Ursprungligt meddelande|Ursprungligt mail|Ursprungsmeddelande",
        forwarded="Vidarebefordrat meddelande|Vidarebefordrat mejl|Vidarebefordrat brev",
        sender="Från|Avsändare",
        date="Skickat|Datum|Skickat den",
        to="Till|Mottagare",
        subject="Ämne",
        sent_from="Skickat från|Skickades från|Skickat med|Skaffa Outlook för|Hämta Outlook för",
    ),
    "da": Words(
        wrote="skrev|skriver|skrev følgende",
        original="Oprindelig meddelelse|Original meddelelse|Oprindelig besked|Oprindelig mail|Originalbesked",
        forwarded="Videresendt meddelelse|Videresendt besked|Start på videresendt besked",
        sender="Fra|Afsender",
        date="Sendt|Dato",
        to="Til|Modtager",
        subject="Emne",
        sent_from="Sendt fra|Sendt med|Sendt via|Hent Outlook til|Få Outlook til",
    ),
    "nb": Words(
        wrote="skrev|skrev følgende|skreiv",
        original="Opprinnelig melding|Original melding|Opprinnelig e-post|Opphavleg melding",
        forwarded="Videresendt melding|Vidaresend melding",
        sender="Fra|Frå|Avsender",
        date="Sendt|Dato|Sendt dato",
        to="Til|Mottaker",
        subject="Emne",
        sent_from="Sendt fra|Sendt med|Få Outlook for|Skaff deg Outlook for|Last ned Outlook",
    ),
    "is": Words(
        wrote="skrifaði|ritaði",
        original="Upphafleg skilaboð|Upprunaleg skilaboð",
        sender="Frá",
        date="Sent|Dagsetning",
        to="Til",
        subject="Efni",
        sent_from="Sent úr",
    ),
    "ru": Words(
        wrote="написал(а)|написал|написала|писал(а)|писал|писала|пишет|вы писали|пользователь … написал",
        original="Исходное сообщение|Оригинальное сообщение|Исходное письмо|Первоначальное сообщение"
        "|Начальное сообщение",
        forwarded="Пересылаемое сообщение|Пересланное сообщение|Перенаправленное сообщение"
        "|Начало переадресованного сообщения|Пересылаемое письмо|Начало переадресованного письма",
        sender="От|От кого|Отправитель",
        date="Отправлено|Дата|Дата отправки|Когда",
        to="Кому|Получатель",
        subject="Тема",
        sent_from="Отправлено с|Отправлено из|Отправлено от|Отправлено через|Скачать Outlook|Получить Outlook",
        below="см. ниже|смотри ниже|ответы ниже|красным|в тексте",
    ),
    "uk": Words(
        wrote="написав|написала|написав(ла)|написав(-ла)|пише|писав|писала|писав(ла)",
        original="Початкове повідомлення|Оригінальне повідомлення|Вихідне повідомлення|Початковий лист"
        "|Оригінал листа",
        forwarded="Переслане повідомлення|Перенаправлене повідомлення|Переадресоване повідомлення"
        "|Початок листа, що пересилається",
        sender="Від|Від кого|Відправник",
        date="Надіслано|Дата|Відправлено",
        to="Кому|Одержувач",
        subject="Тема",
        sent_from="Надіслано з|Відправлено з|Надіслано через|Отримати Outlook|Завантажити Outlook",
    ),
    "bg": Words(
        wrote="написа|написа(ла)|пише|написал|написа/а",
        original="Оригинално съобщение|Първоначално съобщение|Оригинален имейл",
        forwarded="Препратено съобщение|Препратен имейл|Начало на препратеното съобщение",
        sender="От|Подател",
        date="Изпратено|Дата|Изпратено на",
        to="До|Получател",
        subject="Относно|Тема",
        sent_from="Изпратено от|Изпратено с|Вземете Outlook",
    ),
    "sr": Words(
        wrote="је написао/ла|је написао|је написала|написао је|написала је|је написао/-ла"
        "|je napisao/la|je napisao|je napisala|пише|piše",
        original="Оригинална порука|Изворна порука|Originalna poruka|Prvobitna poruka",
        forwarded="Прослеђена порука|Prosleđena poruka",
        sender="Од|Šalje|Пошиљалац|Pošiljalac",
        date="Послато|Датум|Poslato|Datum",
        to="За|Коме|Prima|Kome",
        subject="Тема|Наслов|Naslov|Tema",
        sent_from="Послато са|Poslato sa",
    ),
    "hr": Words(
        wrote="napisao je|napisala je|je napisao|je napisala|je napisao/la|napisao/la je|piše|napisao",
        original="Izvorna poruka|Originalna poruka|Izvorna Poruka",
        forwarded="Proslijeđena poruka|Započni proslijeđenu poruku",
        sender="Od|Šalje|Pošiljatelj",
        date="Poslano|Datum",
        to="Za|Prima|Kome|Primatelj",
        subject="Predmet|Naslov",
        sent_from="Poslano s|Poslano sa|Poslano iz|Preuzmi Outlook|Nabavite Outlook",
    ),
    "sl": Words(
        wrote="je napisal|je napisala|je napisal/-a|je oseba … napisala|napisal(a)|piše",
        original="Izvirno sporočilo|Prvotno sporočilo|Originalno sporočilo",
        forwarded="Posredovano sporočilo|Začetek posredovanega sporočila",
        sender="Od|Pošiljatelj",
        date="Poslano|Datum",
        to="Za|Prejemnik",
        subject="Zadeva",
        sent_from="Poslano z|Poslano iz|Poslano prek|Pridobite Outlook",
    ),
    "el": Words(
        wrote="έγραψε|έγραψαν|γράφει",
        original="Αρχικό μήνυμα|Αρχικό Μήνυμα|Πρωτότυπο μήνυμα",
        forwarded="Προωθημένο μήνυμα|Προωθημένο Μήνυμα|Μήνυμα που προωθήθηκε|Έναρξη προωθημένου μηνύματος",
        sender="Από|Αποστολέας",
        date="Στάλθηκε|Ημερομηνία|Εστάλη|Αποστολή",
        to="Προς|Παραλήπτης",
        subject="Θέμα",
        sent_from="Στάλθηκε από|Εστάλη από|Αποστολή από|Λήψη του Outlook|Αποκτήστε το Outlook",
    ),
    "tr": Words(
        wrote="şunu yazdı|yazdı|tarihinde … yazdı|şunları yazdı|yazmış",
        original="Orijinal Mesaj|Orijinal mesaj|Özgün İleti|Özgün ileti|Orijinal İleti|Orjinal Mesaj",
        forwarded="İletilmiş Mesaj|İletilen ileti|İletilen İleti|İleti başlangıcı|Yönlendirilen mesaj"
        "|İletilmiş ileti",
        sender="Kimden|Gönderen",
        date="Gönderildi|Tarih|Gönderme tarihi|Gönderim tarihi",
        to="Kime|Alıcı",
        subject="Konu",
        sent_from="…'umdan gönderildi|…'den gönderildi|…'dan gönderildi|…'ten gönderildi|iPhone'umdan gönderildi"
        "|Outlook'u edinin|Samsung … gönderildi|…için Outlook",
    ),
    "he": Words(
        wrote="כתב|כתבה|כתב/ה|כתב(ה)|כתבו|מאת",
        original="הודעה מקורית|ההודעה המקורית",
        forwarded="הודעה שהועברה|הודעה מועברת",
        sender="מאת|שולח",
        date="נשלח|תאריך",
        to="אל|נמען",
        subject="נושא|הנדון",
        sent_from="נשלח מה|נשלח מ-|נשלח מ",
    ),
    "ar": Words(
        wrote="كتب|كتبت|كتب/ت|تمت كتابة ما يلي بواسطة",
        original="الرسالة الأصلية|رسالة أصلية",
        forwarded="رسالة معاد توجيهها|بداية الرسالة المُعاد توجيهها|الرسالة المعاد توجيهها",
        sender="من|المرسل",
        date="تم الإرسال|التاريخ|أُرسلت|تاريخ الإرسال",
        to="إلى|المستلم",
        subject="الموضوع",
        sent_from="مُرسل من|تم الإرسال من|أُرسلت من|مرسل من",
    ),
    "fa": Words(
        wrote="نوشت|نوشته است|نوشته",
        original="پیام اصلی",
        forwarded="پیام هدایت‌شده|پیام بازارسال‌شده|نامه هدایت شده",
        sender="از|فرستنده",
        date="تاریخ|ارسال شده|فرستاده شد",
        to="به|گیرنده",
        subject="موضوع",
        sent_from="ارسال شده از|ارسال‌شده از|فرستاده‌شده از",
    ),
    "ja": Words(
        wrote="書きました|のメール|のメッセージ|からのメール|wrote",
        original="元のメッセージ|オリジナルメッセージ|元のメール|返信元のメッセージ|Original Message",
        forwarded="転送されたメッセージ|転送メッセージ|メッセージを転送|転送された E メール",
        sender="差出人|送信者|送信元",
        date="送信日時|日付|日時|送信日",
        to="宛先|受信者",
        subject="件名",
        sent_from="iPhoneから送信|iPadから送信|…から送信|iOS 版 Outlook|Outlook for|Androidスマートフォンから送信",
    ),
    "ko": Words(
        wrote="작성|작성하였습니다|님이 작성|님이 쓴 글|님이 작성했습니다",
        original="원본 메시지|원본 메일|원본메일|원본 이메일|원본메시지",
        forwarded="전달된 메시지|전달된 메일|전달 메시지",
        sender="보낸 사람|보낸사람|발신",
        date="보낸 날짜|보낸날짜|날짜|보낸 시간|발신일",
        to="받는 사람|받는사람|수신",
        subject="제목",
        sent_from="나의 iPhone에서 보냄|내 iPhone에서 보냄|…에서 보냄|…에서 보낸 메일|iOS용 Outlook",
    ),
    "zh": Words(
        wrote="写道|寫道|写到|来信",
        original="原始邮件|原始郵件|原邮件|原始消息|原始信件|回复的原邮件|回复的邮件|答复的原邮件|原郵件",
        forwarded="转发的邮件|轉寄郵件|转发邮件信息|转发邮件|轉寄的郵件|转发的消息|開始轉寄郵件|开始转发的邮件|转发的原邮件",
        sender="发件人|寄件者|寄件人|发信人|發件人",
        date="发送时间|日期|寄件日期|发送日期|發送時間|傳送日期|时间|已传送",
        to="收件人|收件者",
        subject="主题|主旨|主題",
        sent_from="发自我的|從我的 … 傳送|從我的|发送自|来自我的|發自我的|获取 Outlook|发自|取得 iOS 版 Outlook",
    ),
    "vi": Words(
        wrote="đã viết|viết",
        original="Thư gốc|Tin nhắn gốc|Thư ban đầu|Thông điệp gốc",
        forwarded="Thư được chuyển tiếp|Thư đã chuyển tiếp|Thư chuyển tiếp|Forwarded message",
        sender="Từ|Người gửi",
        date="Đã gửi|Ngày|Đã gửi lúc|Thời gian",
        to="Đến|Tới|Người nhận",
        subject="Chủ đề|Tiêu đề",
        sent_from="Đã gửi từ|Được gửi từ|Gửi từ|Tải Outlook cho",
    ),
    "th": Words(
        wrote="เขียนว่า|เขียน|ได้เขียน",
        original="ข้อความต้นฉบับ|ข้อความเดิม|ข้อความดั้งเดิม",
        forwarded="ข้อความที่ส่งต่อ|ข้อความส่งต่อ",
        sender="จาก|ผู้ส่ง",
        date="ส่ง|วันที่|ส่งเมื่อ",
        to="ถึง|ผู้รับ",
        subject="เรื่อง|หัวเรื่อง|หัวข้อ",
        sent_from="ส่งจาก",
    ),
    "id": Words(
        wrote="menulis|menulis berikut|tulis",
        original="Pesan Asli|Pesan asli|Pesan awal",
        forwarded="Pesan yang diteruskan|Pesan terusan|Pesan diteruskan",
        sender="Dari|Pengirim",
        date="Dikirim|Tanggal|Terkirim",
        to="Kepada|Ke|Untuk",
        subject="Perihal|Subjek|Judul",
        sent_from="Dikirim dari|Terkirim dari|Dapatkan Outlook untuk",
    ),
    "eu": Words(wrote="idatzi zuen|idatzi du"),
    "ga": Words(wrote="scríobh"),
    "gl": Words(wrote="escribiu", original="Mensaxe orixinal"),
    "sq": Words(wrote="ka shkruar|shkroi"),
}

# How subjects say that a letter hands on another one.
FORWARDS = (
    "fw|fwd|wg|tr|rv|enc|doorst|továbbítás|továbbítva|vb|vs|vl|vid|videresend|i|fs|pd|prv|redir|преп|пер|переслано"
    "|нд|pārs|přep|pov|ilt|i̇lt|prosl|trs|转发|轉寄|转寄|転送|전달|הועבר|הודעה מועברת|إعادة توجيه|προωθ|πρθ"
)

# What a line of sent_from names: without one of these, "Sent with DHL" is news.
DEVICES = (
    "iphone|ipad|ipod|ios|android|samsung|galaxy|huawei|xiaomi|redmi|oppo|nokia|sony|pixel|blackberry|windows"
    "|outlook|gmail|yahoo|aol|proton|tuta|spark|fastmail|bluemail|mailspring|zoho|k-9|thunderbird|orange|seznam|mail"
    "|phone|smartphone|tablet|handy|telefon|telefón|telefoon|téléphone|teléfono|telefono|telefone|telefonas"
    "|tālrun|mobil"
    "|puhelim|телефон|смартфон|почт|пошт|手机|手機|携帯|스마트폰|휴대|모바일|מכשיר|טלפון"
    "|هاتف|جهاز|điện thoại|โทรศัพท์|κινητ"
)
