"""What is new in the letters tests/mails/reply_*.eml, named by the program and the language that wrote them."""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.channels.inbound import Inbound
from deskbell.channels.mail import parse, plain, quotes, quotes_html, safe_html
from deskbell.channels.mail.quote_languages import LANGUAGES

MAILS = Path(__file__).parents[2] / "mails"


@dataclass(frozen=True, init=False)
class New:
    """What is new in a letter, exactly, and pieces of what it repeats; none where it repeats nothing."""

    text: str
    hidden: tuple[str, ...]

    def __init__(self, text: str, *hidden: str) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "hidden", hidden)


# One letter, one line: so the table can be read by its first column.
# ruff: noqa: E501
# fmt: off
EXPECTED = {
    "reply_163_zh": New("好了，谢谢。", "请试试蜡"),
    "reply_163_zh_text": New("好了，谢谢。", "请试试蜡"),
    "reply_aol_en": New("It works.", "Try wax."),
    "reply_apple_en_hands_on": New("See what Frida says:\n\nBegin forwarded message:\n\n> From: Frida <frida@acme.example>\n> Subject: Tent\n> Date: 2 March 2026 at 09:41\n> To: Emil <emil@acme.example>\n>\n> The tent leaks."),
    "reply_apple_en_inside_the_quote": New("On 2 Mar 2026, at 09:41, Bela wrote:\n\nWhich model is it?\n\nThe blue one.\n\nSince when?\n\nSince May."),
    "reply_apple_ios_de": New("Danke, klappt.", "Von meinem iPhone", "Wachs hilft."),
    "reply_apple_ios_en_attribution_over_lines": New("Works!", "Kerekes from", "Try wax."),
    "reply_apple_ios_fr_text": New("Merci !", "Envoyé de mon iPhone", "Essayez"),
    "reply_apple_ios_hu_text": New("Köszönöm!", "iPhone-omról", "viasszal"),
    "reply_apple_ios_ja_text": New("直りました。", "iPhoneから送信", "ワックス"),
    "reply_apple_ios_zh_text": New("好了，谢谢。", "发自我的", "请试试蜡"),
    "reply_apple_mac_en": New("It works now.", "Try wax.", "See all letters"),
    "reply_bluemail_en": New("It works.", "BlueMail", "Try wax."),
    "reply_centrum_cs_text": New("Děkuji, jde to.", "Zkuste vosk."),
    "reply_citromail_hu_text": New("Köszönöm.", "viasszal"),
    "reply_claws_en": New("Yes.", "Did you try wax?"),
    "reply_daum_ko_text": New("감사합니다.", "왁스"),
    "reply_em_client_en": New("It works.", "Try wax.", "Original Message"),
    "reply_evolution_en": New("It works.", "Try wax.", "Emil"),
    "reply_exchange_en_inside_a_blue_line": New("It works.", "Try wax."),
    "reply_fastmail_en": New("It works.", "Try wax."),
    "reply_freemail_hu_text": New("Köszönöm.", "viasszal"),
    "reply_gmail_android_en_new_text_inside_the_quote": New("It works now, thank you.", "Try wax.", "See all letters on one page"),
    "reply_gmail_ar": New("شكرا، يعمل الآن.", "جرب الشمع.", "ple>:"),
    "reply_gmail_bg": New("Благодаря, помогна.", "Опитайте с восък.", "писа:"),
    "reply_gmail_ca": New("Gràcies, ja va.", "Proveu amb cera.", "9:41:"),
    "reply_gmail_cs": New("Děkuji, už to jde.", "Zkuste vosk.", "psal:"),
    "reply_gmail_cy_words_that_are_not_known": New("Diolch, mae'n gweithio.", "Rhowch gynnig"),
    "reply_gmail_da": New("Tak, det virker.", "Prøv med voks.", "ple>:"),
    "reply_gmail_de": New("Danke, das hat geholfen!", "Versuchen Sie es mit Wachs."),
    "reply_gmail_el": New("Ευχαριστώ, δουλεύει.", "Δοκιμάστε κερί.", "ραψε:"),
    "reply_gmail_en_below": New("I did, and it helped.", "Did you try wax?"),
    "reply_gmail_en_between": New("On Mon, Mar 2, 2026 at 9:41 AM Bela Kerekes wrote:\n\nWhich model is it?\n\nThe blue one.\n\nSince when?\n\nSince May."),
    "reply_gmail_en_hands_on_without_saying_so": New("What do you say to this?\n\n---------- Forwarded message ---------\nFrom: Frida <frida@acme.example>\nDate: Mon, Mar 2, 2026 at 9:41 AM\nSubject: Tent\nTo: Emil <emil@acme.example>\n\nThe tent leaks."),
    "reply_gmail_en_only_a_picture": New("the zip", "Try wax."),
    "reply_gmail_en_only_a_table": New(" Zip broken", "What broke?"),
    "reply_gmail_en_only_an_emoji": New("👍", "Try wax."),
    "reply_gmail_en_own_words_indented": New("In short:\n\nIt works.", "Try wax."),
    "reply_gmail_en_with_signature": New("It works now.", "Acme", "Try wax."),
    "reply_gmail_et": New("Aitäh, nüüd töötab.", "Proovige vaha.", "ple>:"),
    "reply_gmail_fa": New("ممنون، کار کرد.", "موم را امتحان کنید.", "نوشت:"),
    "reply_gmail_fi": New("Kiitos, nyt toimii.", "Kokeile vahaa.", "itti:"),
    "reply_gmail_fr": New("Merci, ça marche.", "Essayez la cire.", "rit :"),
    "reply_gmail_he": New("תודה, עובד.", "נסה שעווה."),
    "reply_gmail_hr": New("Hvala, radi.", "Probajte vosak.", "o je:"),
    "reply_gmail_id": New("Terima kasih, sudah bisa.", "Coba lilin.", "ulis:"),
    "reply_gmail_it": New("Grazie, ora funziona.", "Provi con la cera.", "itto:"),
    "reply_gmail_ja": New("直りました。ありがとうございます。", "ワックスをお試しください。"),
    "reply_gmail_ko": New("감사합니다, 됩니다.", "왁스를 써 보세요.", "이 작성:"),
    "reply_gmail_lt": New("Ačiū, veikia.", "Pabandykite vašką.", "rašė:"),
    "reply_gmail_lv": New("Paldies, tagad strādā.", "Pamēģiniet vasku.", "tīja:"),
    "reply_gmail_nb": New("Takk, nå virker det.", "Prøv med voks.", "ple>:"),
    "reply_gmail_pl": New("Dziękuję, działa.", "Proszę spróbować wosku.", "ł(a):"),
    "reply_gmail_pt": New("Obrigado, já funciona.", "Experimente cera."),
    "reply_gmail_pt_br": New("Obrigado, funcionou.", "Tente com cera.", "eveu:"),
    "reply_gmail_ro": New("Mulțumesc, merge.", "Încercați cu ceară.", "cris:"),
    "reply_gmail_ru": New("Спасибо, помогло.", "Попробуйте воск."),
    "reply_gmail_sk": New("Ďakujem, už to ide.", "Skúste vosk.", "l(a):"),
    "reply_gmail_sl": New("Hvala, deluje.", "Poskusite z voskom.", "sala:"),
    "reply_gmail_sr": New("Хвала, ради.", "Пробајте восак.", "о/ла:"),
    "reply_gmail_sv": New("Tack, nu går det.", "Prova med vax.", "ple>:"),
    "reply_gmail_th": New("ขอบคุณครับ ใช้ได้แล้ว", "ลองใช้ขี้ผึ้ง", "นว่า:"),
    "reply_gmail_tr": New("Teşekkürler, oldu.", "Balmumu deneyin.", "azdı:"),
    "reply_gmail_uk": New("Дякую, допомогло.", "Спробуйте віск.", "пише:"),
    "reply_gmail_vi": New("Cảm ơn, được rồi.", "Hãy thử sáp.", "viết:"),
    "reply_gmail_zh_cn": New("谢谢，好了。", "请试试蜡。", "41写道："),
    "reply_gmail_zh_tw": New("謝謝，好了。", "請試試蠟。", "41寫道："),
    "reply_gmx_de": New("Danke, geht.", "Wachs"),
    "reply_groupwise_en": New("It works.", "Try wax."),
    "reply_horde_de": New("Ja, es hilft.", "Haben Sie"),
    "reply_horde_en": New("Yes, it helped.", "Did you"),
    "reply_huawei_zh_text": New("好的，谢谢。", "发自我的手机", "请试试蜡"),
    "reply_inbox_lv_quoting": New("Paldies!", "vasku"),
    "reply_interia_pl_text": New("Dziękuję.", "wosku"),
    "reply_gmail_en_solved_buttons": New("No, it came apart again.", "Yes, it is solved", "ABC-DEFGH-123"),
    "reply_outlook_lv_solved_question": New("Nē, vēl nav.", "solved/yes", "ABC-DEFGH-123"),
    "reply_k9_en": New("It works.", "Try wax.", "brevity"),
    "reply_kmail_de": New("Danke, geht.", "Wachs"),
    "reply_laposte_fr_text": New("Merci, ça marche.", "Essayez"),
    "reply_libero_it": New("Grazie, funziona.", "cera"),
    "reply_libero_it_text": New("Grazie, funziona.", "cera"),
    "reply_long_quote_that_was_broken_en": New("On Mon, Mar 2, 2026 at 9:41 AM Bela Kerekes <help@desk.example> wrote:\n> This line was too long for the program and so\nit\n> was broken."),
    "reply_mail_ee_text": New("Aitäh!", "vaha"),
    "reply_mailru_ru_html": New("Спасибо, помогло.", "воск"),
    "reply_mailspring_en": New("It works.", "Try wax."),
    "reply_mutt_en_bars": New("Yes, it helped.", "| Did you try wax?"),
    "reply_naver_ko_text": New("감사합니다.", "왁스"),
    "reply_nested_signs_nl": New("Dank, het werkt.", "Probeer was.", "De rits is stuk."),
    "reply_notes_de_headers": New("Danke.", "Wachs"),
    "reply_notes_en": New("It works.", "Try wax."),
    "reply_onet_pl_text": New("Dziękuję, działa.", "wosku"),
    "reply_only_the_sent_from_line": New("Sent from my iPhone", "Try wax."),
    "reply_orange_fr_message_du": New("Merci, ça marche.", "Essayez"),
    "reply_outlook_android_fr_text": New("Merci, ça marche.", "Télécharger Outlook", "Essayez"),
    "reply_outlook_cs": New("Děkuji, jde to.", "Zkuste vosk.", "Odesláno"),
    "reply_outlook_de": New("Danke, es geht.", "Wachs hilft.", "Gesendet"),
    "reply_outlook_en_answers_in_red": New("Hi Bela, see my answers below in red.\n\nFrom: Bela Kerekes <help@desk.example>\nSent: Monday, March 2, 2026 9:41 AM\nTo: Emil\nSubject: RE: Zip\n\nWhich model is it? [Emil] The blue one."),
    "reply_outlook_en_nested_history": New("Third and last: it works.", "Try wax.", "The zip broke."),
    "reply_outlook_en_rule_without_headers": New("It works.\n\nTry wax."),
    "reply_outlook_en_with_disclaimer": New("It works.\n\nBest regards,\nEmil\n\nThis e-mail is confidential.", "Try wax."),
    "reply_outlook_fr": New("Merci, ça va.", "Essayez la cire.", "Envoyé"),
    "reply_outlook_he_text": New("תודה.", "שעווה"),
    "reply_outlook_hu": New("Köszönöm, jó.", "Próbálja viasszal.", "Sent"),
    "reply_outlook_hu_text": New("Köszönöm, jó.", "viasszal"),
    "reply_outlook_ja": New("直りました。", "ワックスを。", "送信日時"),
    "reply_outlook_ko_text": New("감사합니다.", "왁스"),
    "reply_outlook_mac_en_text": New("It works.", "Try wax.", "See all letters on one page", "k3J9"),
    "reply_outlook_mobile_en": New("Works, thanks!", "Outlook for iOS", "Try wax."),
    "reply_outlook_mobile_new_en": New("Works, thanks!", "Try wax."),
    "reply_outlook_nl": New("Bedankt, gelukt.", "Probeer was.", "Verzonden"),
    "reply_outlook_old_de_text": New("Danke!", "Wachs"),
    "reply_outlook_pl_text_bold": New("Dziękuję, działa.", "wosku"),
    "reply_outlook_ru": New("Спасибо, работает.", "Попробуйте воск.", "Отправлено"),
    "reply_outlook_zh_text": New("谢谢。", "请试试蜡"),
    "reply_owa_el": New("Ευχαριστώ.", "Δοκιμάστε κερί."),
    "reply_owa_en": New("It works now.", "Try wax.", "Emil Novák, Acme"),
    "reply_owa_es": New("Gracias, ya funciona.", "Pruebe con cera."),
    "reply_own_quotation_in_html_en": New("As the manual says:\n\nKeep the zip dry.\n\nI did."),
    "reply_own_words_de_divider": New("Erstens ist der Zip kaputt.\n\n--\n\nZweitens fehlt ein Knopf.\n\nDrittens: nichts."),
    "reply_own_words_en_journey": New("Please book for me:\n\nFrom: Prague\nTo: Brno\nDate: 2 March\n\nThank you, Emil"),
    "reply_own_words_en_mangled_from": New("The dates changed.\n\n>From Monday on it is closed."),
    "reply_own_words_en_menu": New("I clicked\n> Settings > Mail\nand nothing happened."),
    "reply_own_words_en_sent_with_a_carrier": New("The parcel is on its way.\n\nSent with DHL today."),
    "reply_own_words_en_with_signs": New("The screen says:\n> Error 17\n> Call the help desk"),
    "reply_own_words_en_you_wrote": New("On 2 March at 09:41 you wrote:\nthat wax would help. It did not.\n\nThe zip is still broken."),
    "reply_proton_en": New("It works.", "Proton Mail", "Try wax."),
    "reply_qq_zh": New("好了，谢谢。", "请试试蜡", "原始邮件"),
    "reply_rambler_ru_text": New("Спасибо.", "воск"),
    "reply_roundcube_en": New("Yes, it helped.", "Did you try wax?", "2026-03-02 09:41"),
    "reply_samsung_cs_text": New("Děkuji.", "Galaxy", "Zkuste"),
    "reply_samsung_en": New("It works.", "Sent from my Galaxy", "Try wax."),
    "reply_seznam_cs_html": New("Děkuji, jde to.", "Zkuste vosk.", "Původní"),
    "reply_signature_without_its_sign_hu": New("Köszönöm, jó.\n\nÜdvözlettel,\nNovák Emil\nAcme Kft.\n+36 1 234 5678", "viasszal"),
    "reply_sogo_fr": New("Oui, merci.", "Essayez"),
    "reply_spark_en": New("It works.", "Try wax."),
    "reply_the_bat_en": New("Yes, it helped.", "BK> Did you try wax?"),
    "reply_the_bat_ru": New("Здравствуйте, Bela.\n\nВы писали 2 марта 2026 г., 9:41:00:\n\nBK> Попробуйте воск.\nBK> Bela\n\nПомогло, спасибо.", "С уважением"),
    "reply_thunderbird_cs_below": New("Ano, pomohlo to.", "Zkusil jste vosk?"),
    "reply_thunderbird_en": New("It works.", "Try wax.", "Emil"),
    "reply_thunderbird_en_no_line_between": New("It works.", "Try wax."),
    "reply_thunderbird_en_only_the_name": New("Yes, it helped.", "Did you try wax?"),
    "reply_thunderbird_hu_text": New("Igen, segített.", "Próbálta"),
    "reply_thunderbird_sk_text": New("Áno, pomohlo.", "Skúsili"),
    "reply_tonline_de_text": New("Danke, geht.", "Wachs"),
    "reply_tutanota_de": New("Danke, geht.", "Tuta", "Wachs"),
    "reply_ukrnet_uk": New("Дякую.", "віск"),
    "reply_webde_de_text": New("Danke, geht.", "Wachs"),
    "reply_wp_pl_text": New("Dziękuję, działa.", "wosku"),
    "reply_yahoo_en": New("It works.", "Try wax."),
    "reply_yahoo_en_text": New(" It works.", "Try wax."),
    "reply_yahoo_ja_text": New("直りました。", "ワックス"),
    "reply_yandex_ru_html": New("Спасибо, помогло.", "воск", "Яндекс"),
    "reply_zimbra_en": New("It works.", "Try wax."),
    "reply_zimbra_fr_text": New("Merci.", "Essayez"),
    "reply_zoho_en": New("It works.", "Try wax."),
    "reply_zoho_en_text": New("It works.", "Try wax."),
}
# fmt: on


def read(name: str) -> Inbound:
    with tempfile.TemporaryDirectory() as folder:
        return parse.parse((MAILS / f"{name}.eml").read_bytes(), Path(folder)).inbound


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_new_in_a_letter_is_shown_and_the_rest_is_kept(name: str) -> None:
    new, letter = EXPECTED[name], read(name)

    assert letter.text == new.text
    assert all(hidden in letter.quoted for hidden in new.hidden)
    assert bool(letter.quoted) == bool(new.hidden)
    # The HTML says the same as the text, for a page shows one of them.
    assert not letter.html or plain.text_of_html(letter.html).strip() == letter.text.strip()


def test_letters_come_in_at_least_twenty_five_languages() -> None:
    spoken = {piece for name in EXPECTED for piece in name.split("_") if piece in LANGUAGES}
    assert len(spoken) >= 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_what_its_programs_write(language: str) -> None:
    words = LANGUAGES[language]
    assert words.wrote
    if words.sender:
        heads = zip(
            (words.sender, words.date, words.to, words.subject),
            ("Bela <help@desk.example>", "2026-03-02 9:41", "Emil", "Zip"),
            strict=True,
        )
        block = "\n".join(f"{head.split('|')[0]}: {value}" for head, value in heads)
        assert quotes.split_text(f"It works.\n\n{block}\n\nTry wax.")[0] == "It works."
    for word in filter(None, words.original.split("|")):
        assert quotes.split_text(f"It works.\n\n----- {word} -----\nTry wax.")[0] == "It works."
    for word in words.wrote.split("|"):
        named = f"Bela {word.replace('…', 'x')} 2026-03-02 9:41:"
        assert quotes.split_text(f"It works.\n\n{named}\n> Try wax.")[0] == "It works."
    for word in filter(None, words.forwarded.split("|")):
        handed_on = f"Look.\n\n----- {word} -----\nFrom: Frida\nDate: 1 March\nSubject: Tent"
        assert quotes.split_text(handed_on) == (handed_on, "")


# Nothing is lost, whatever comes


PIECES = st.sampled_from(
    [
        "<div>", "</div>", "<p>", "</p>", "<br>", "<hr>", "<table><tr><td>", "</table>",
        "<blockquote type=cite>", "<blockquote>", "</blockquote>", "<div class=gmail_quote>",
        "<div class=gmail_attr>", "<div class=gmail_signature>", "<div id=divRplyFwdMsg>",
        "<div class=yahoo_quoted>", "one ", "two ", "three ", "-- ", "<b>From:</b> Bela @x",
        "<b>Sent:</b> 9:41", "<b>Subject:</b> zip", "On 2 March 2026 at 9:41 Bela wrote:",
        "-----Original Message-----", "Sent from my iPhone", "---- Forwarded message ----",
        "&gt; quoted", "<img src=cid:a>", "<pre>", "</pre>", "&nbsp;", "<style>x</style>",
    ]
)  # fmt: skip


def words_of(text: str) -> Counter[str]:
    return Counter(re.findall(r"[\w@:]+", text))


def signs_of(text: str) -> Counter[str]:
    return Counter("".join(re.findall(r"[\w@:]+", text)))


@given(st.lists(PIECES, max_size=30).map("".join))
def test_of_html_every_sign_is_new_or_repeated(html: str) -> None:
    whole = signs_of(plain.text_of_html(html))
    tree = safe_html.tree_of(html)

    repeated = plain.text_of_html(quotes_html.split_html(tree))
    new = plain.text_of_html(safe_html.inner(tree))

    # Signs and not words, for two words may stand together until a line is taken from between them.
    assert signs_of(new) + signs_of(repeated) == whole
    assert signs_of(new) or "<img" in safe_html.inner(tree) or not whole


@pytest.mark.parametrize("name", EXPECTED)
def test_of_every_letter_each_word_is_new_or_repeated(name: str) -> None:
    message = message_from_bytes((MAILS / f"{name}.eml").read_bytes(), policy=policy.default)
    # What the text says is kept; where there is none, what the HTML says.
    body = message.get_body(("plain", "html"))
    assert body is not None
    content = body.get_content()
    whole = content if body.get_content_subtype() == "plain" else plain.text_of_html(content)

    letter = read(name)

    assert not words_of(whole) - words_of(f"{letter.text}\n{letter.quoted}")


# Nor does a letter take long that is made to


def steps(work: Callable[[], Any]) -> int:
    """Return how many calls `work` makes, of Python's own functions too: a clock would tell of the machine."""
    count = 0

    def counted(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


HOSTILE = {
    "attributions": "On 2 March 2026 at 9:41 Bela <b@desk.example> wrote:\n",
    "attributions that never end": "On 2 March 2026 at 9:41 Bela <b@desk.example>\n",
    "headers": "From: Bela\n",
    "headers in all": "From: Bela\nTo: Emil\nSent: 9:41\n",
    "rules": "_______\n",
    "originals": "-----Original Message\n",
    "quotes by turns": "> a\nb\n",
    "initials": "AB> a\n",
    "colons": ":\n",
    "signatures": "-- \n",
    "sent from": "\nSent from my iPhone\n",
    "groupwise": ">>> Bela >>>\n",
    "no words": "\n \n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_takes_a_time_in_proportion_to_its_length(name: str) -> None:
    line = HOSTILE[name]
    small, large = (steps(partial(quotes.split_text, line * size)) for size in (300, 1200))
    assert large < 5 * small


@pytest.mark.parametrize(
    "piece",
    [
        "<blockquote>a</blockquote>",
        "<blockquote></blockquote>",
        "<p></p>",
        "<br>",
        "<div class=gmail_quote>a</div>",
        "<div class=gmail_quote><blockquote>a</blockquote></div>",
        "<blockquote type=cite>a</blockquote>b",
        "<div class=gmail_signature>a</div>",
        "<div id=divRplyFwdMsg></div>",
        "On 2 March 2026 at 9:41 Bela wrote:<blockquote>a</blockquote>",
        "<img src=cid:a>",
        "<b>a</b>",
        "<b> </b><p>",
        "<!-- x -->",
    ],
)
def test_hostile_html_takes_a_time_in_proportion_to_its_length(piece: str) -> None:
    def work(size: int) -> Callable[[], str]:
        tree = safe_html.tree_of("words" + piece * size)
        return lambda: quotes_html.split_html(tree)

    assert steps(work(800)) < 5 * steps(work(200))


@pytest.mark.parametrize(
    "sign",
    [
        "*",
        " ",
        ">",
        "-",
        "_",
        ":",
        "a",
        "1",
        "<",
        "@",
        "\u200b",
        "\xa0",
        "ש",
        "a@b",
        "Sent from my ",
        "From",
        "wrote ",
    ],
)
def test_one_line_of_a_million_signs_is_looked_at_for_no_longer_than_another(sign: str) -> None:
    line = sign * (1_000_000 // len(sign))
    for text in (
        line,
        f"{line}\n> a",
        f"{line}:\n> a",
        f"From: {line}\nSent: {line}",
        f"a\n\n{line}",
    ):
        new, quoted = quotes.split_text(text)
        assert bool(new or quoted) == bool(text.strip())
