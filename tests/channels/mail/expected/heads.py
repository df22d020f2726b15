"""Letters whose headers are broken, raw, or encoded in every way."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "date_with_words_of_a_scanner": Says(),
    "from_address_after_comment": Says(sender=("emil@acme.example", "Emil Novak")),
    "from_address_in_a_name": Says(sender=("emil@acme.example", "help@desk.example")),
    "from_address_in_quotes": Says(sender=("emil@acme.example", "")),
    "from_encoded_address": Says(sender=("emil@acme.example", "")),
    "from_group_syntax": Says(sender=("emil@acme.example", "")),
    "from_idn_domain": Says(sender=("emil@bücher.example", "Emil")),
    "from_in_capitals": Says(sender=("emil@acme.example", "")),
    "from_name_encoded_in_quotes": Says(sender=("sarka@acme.example", "Šárka Dvořáková")),
    "from_name_encoded_with_comma": Says(sender=("sarka@acme.example", "Dvořáková, Šárka")),
    "from_name_raw_windows_1251": Says(sender=("ivan@acme.example", "Иван Петров")),
    "from_twice_in_the_head": Says(sender=("emil@acme.example", "Emil")),
    "from_two_authors": Says(sender=("emil@acme.example", "Emil")),
    "from_with_route": Says(sender=("emil@acme.example", "Emil")),
    "header_fold_without_space": Says(
        "Köszönöm", subject="The zip of the bag came apart again", repairs=("headers_mended",)
    ),
    "header_line_that_is_none": Says("Still read.", subject="Zip", repairs=("headers_mended",)),
    "header_name_with_space_before_colon": Says(
        subject="Zip with a space", repairs=("headers_mended",)
    ),
    "line_ends_of_old_mac": Says("One\nTwo"),
    "line_ends_of_unix": Says("Lines\nend\nwith LF."),
    "mbox_line_before_the_head": Says("From a mail box file."),
    "message_id_without_brackets": Says(answers=("x@desk.example",)),
    "references_cut_in_the_middle": Says(answers=("b@desk.example", "a@desk.example")),
    "subject_cut_off_by_a_gateway": Says(subject="Rozbitý zip na spá"),
    "subject_encoded_charset_lies": Says(subject="Grüße"),
    "subject_encoded_charsets_mixed": Says(subject="šroub řez"),
    "subject_encoded_in_lower_case": Says(subject="šroub a zip"),
    "subject_encoded_twice": Says(subject="Café"),
    "subject_encoded_unknown_charset": Says(subject="Grüße"),
    "subject_encoded_with_language": Says(subject="Grüße"),
    "subject_encoded_without_padding": Says(subject="Grüße"),
    "subject_encoded_words_glued": Says(subject="Zip rozbitý"),
    "subject_folded_with_tabs": Says(subject="The zip of the bag came apart again"),
    "subject_gb18030_emoji": Says(subject="拉链😀"),
    "subject_iso_2022_jp_split": Says(subject="ファスナーが壊れた"),
    "subject_raw_koi8r": Says(subject="Молния разошлась опять"),
    "subject_raw_latin1": Says(subject="Schöne Grüße aus Köln"),
    "subject_raw_windows_1250": Says(subject="Žluťoučký kůň úpěl"),
    "subject_with_line_break_encoded": Says(subject="Zip Bcc: all@desk.example"),
}
