"""Letters as most are, and answers with what they repeat: one of each kind, and what broke the first versions."""

from __future__ import annotations

from tests.channels.mail.says import Says

EMIL = ("emil@acme.example", "Emil Novák")

EXPECTED = {
    "plain_ascii": Says("After two nights the zip came apart.\n\nEmil", sender=EMIL),
    "no_mime_headers_at_all": Says("Just words, as in 1985."),
    "no_subject": Says("Words without a subject.", subject=""),
    "no_body": Says("", subject="Only a subject"),
    "no_message_id_no_date": Says("From a machine that knows no manners."),
    "no_from": Says("Who wrote this?", sender=("", "")),
    "date_in_the_far_future": Says("From tomorrow."),
    "date_is_nonsense": Says("When?"),
    "charset_latin2_quoted_printable": Says(
        "Příliš žluťoučký kůň úpěl ďábelské ódy.", subject="žluťoučký kůň"
    ),
    "charset_koi8r_russian": Says("Здравствуйте! Молния разошлась.", subject="Молния"),
    "charset_missing_windows_1251": Says(
        "Здравствуйте, у меня разошлась молния на спальном мешке.", subject="Молния"
    ),
    "charset_says_ascii_is_utf8": Says("Köszönöm szépen a gyors választ!"),
    "charset_says_latin1_is_utf8": Says("Grüße aus Köln"),
    "charset_says_utf8_is_latin1": Says("Viele Grüße aus München, schönen Tag!"),
    "charset_unheard_of": Says("Paldies, rāvējslēdzējs salūza!"),
    "charset_windows_1252_called_latin1": Says("It’s “broken” – again"),
    "charset_iso_2022_jp": Says("ファスナーが壊れました。", subject="こんにちは"),
    "charset_gb2312_that_is_gbk": Says("拉鍊壞了，請幫忙。"),
    "base64_with_rubbish_in_it": Says("After two nights the zip came apart."),
    "nul_bytes_and_controls": Says("Beforeafter and [31mred[0m."),
    "subject_split_inside_a_character": Says(
        "x", subject="Árvíztűrő tükörfúrógép és meg egy hösszó"
    ),
    "subject_encoded_word_with_spaces": Says("x", subject="Café is closed today"),
    "from_name_with_raw_utf8": Says("x", sender=("sarka@acme.example", "Šárka Dvořáková")),
    "from_name_with_unquoted_comma": Says("x", sender=("emil@acme.example", "Novak, Emil")),
    "from_twice_in_brackets": Says("x", sender=("emil@acme.example", "")),
    "from_with_bidi_override": Says(
        "x", sender=("emil@acme.example", "Emli"), subject="Invoice fdp.exe"
    ),
    "references_folded_and_doubled": Says(
        "Yes.", answers=("b@desk.example", "c@desk.example", "a@desk.example")
    ),
    "in_reply_to_in_words": Says("Yes.", answers=("b@desk.example",)),
    "alternative_text_and_html": Says("The zip *broke*.", html="<p>The zip <b>broke</b>.</p>"),
    "html_only": Says("Hello,\n\nthe zip broke.\nEmil"),
    "html_that_attacks": Says(
        "Look\n\nhere\n\nover",
        html='<p>Look</p><a rel="noopener noreferrer nofollow">here</a>\n<img>\n'
        '<p style="color:green">over</p>',
    ),
    "html_with_remote_pictures": Says(
        "News\n\nlogo",
        html='<p>News</p><img alt="logo" data-remote="https://tracker.example/p.gif?who=desk">'
        '<img data-remote="https://tracker.example/q.gif">',
    ),
    "alternative_with_empty_text": Says("Only the HTML says something."),
    "flowed_text": Says(
        "This is a paragraph that was broken by the program and goes on.", hidden="Emil"
    ),
    "html_nested_too_deep": Says("deep inside", html="<div>deep inside</div>"),
    "one_attachment": Says("See the picture.", files=("zip.png",)),
    "inline_picture_by_cid": Says(
        "Here: the zip",
        html='<p>Here: <img src="cid:zip@acme" alt="the zip"></p>',
        files=("*zip.png",),
    ),
    "attachment_names_in_every_way": Says(
        "Names.",
        files=(
            "Árvíztűrő.pdf",
            "účet.pdf",
            "счёт.pdf",
            "passwd",
            "file-5.pdf",
            "photogpj.exe",
        ),
    ),
    "letter_attached_to_a_letter": Says("The letter that I got:", files=("Först.eml",)),
    "apple_text_picture_text": Says("Above the picture.\n\nBelow the picture.", files=("a.png",)),
    "calendar_invitation": Says("Meeting", html="<p>Meeting</p>", files=("file-1.ics",)),
    "smime_signed": Says("Signed words.", files=("smime.p7s",)),
    "multipart_without_boundary": Says("Found all the same.", files=("a.pdf",)),
    "multipart_with_wrong_boundary": Says("Under another name."),
    "multipart_never_closed": Says("Cut off in the mid"),
    "content_type_is_nonsense": Says("Still words."),
    "bomb_nested_parts": Says(refused="too_deep"),
    "bomb_many_headers": Says(refused="too_many_headers"),
    "bomb_many_parts": Says(refused="too_many_parts"),
    "reply_gmail_en": Says("It works now.", "Try wax."),
    "reply_thunderbird_de": Says("Danke, das hat geholfen.", "Wachs hilft."),
    "reply_gmail_hu": Says("Köszönöm, így jó!", "viasszal"),
    "reply_seznam_cs": Says("Děkuji, funguje.", "Zkuste vosk."),
    "reply_inbox_lv": Says("Paldies, palīdzēja.", "vasku"),
    "reply_yandex_ru": Says("Спасибо, помогло.", "Попробуйте"),
    "reply_mailru_ru": Says("Спасибо!", "Попробуйте"),
    "reply_gmail_nl": Says("Bedankt, opgelost.", "Probeer was."),
    "reply_orange_fr": Says("Merci, ça marche.", "Essayez"),
    "reply_gmail_es": Says("Gracias, funciona.", "Pruebe"),
    "reply_outlook_en_text": Says("It works.", "Try wax."),
    "reply_outlook_old": Says("It works.", "Try wax."),
    "reply_below_the_quote": Says("I did, and it helped.", "Did you try wax?"),
    "reply_between_the_quotes": Says(
        "On 2 Mar 2026, at 09:41, Bela Kerekes <help@desk.example> wrote:\n> Which model is it?\n"
        "The blue one.\n> Since when?\nSince May."
    ),
    "reply_iphone": Says("Works!", "Try wax."),
    "reply_only_a_quote": Says("> Try wax."),
    "reply_gmail_html": Says("Works now.", "Try wax.", html='<div dir="ltr">Works now.</div><br>'),
    "reply_outlook_html": Says("Works now.", "Try wax.", html="<div><p>Works now.</p></div>"),
    "reply_apple_html": Says("Works now.", "Try wax."),
    "forward_with_words": Says(
        "Please look at this.\n\n---------- Forwarded message ---------\n"
        "From: Frida <frida@acme.example>\nDate: Mon, Mar 2, 2026\nSubject: Tent\n"
        "To: Emil <emil@acme.example>\n\nThe tent leaks."
    ),
    "out_of_office": Says("I am away until Monday."),
    "exchange_auto_reply": Says("Abwesend."),
    "machine_alarm": Says("Disk is full."),
    "mailing_list": Says("Hello list."),
    "bounce_postfix": Says(files=("file-1.txt", "Re_ The zip.eml")),
    "bounce_exim": Says(),
    "bounce_forwarded_as_file": Says("What does this mean?", files=("returned.eml",)),
    "bounce_only_delayed": Says(files=("file-1.txt", "file-2.txt")),
}
