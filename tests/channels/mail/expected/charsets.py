"""Letters whose charset or encoding is wrong, missing, misspelt or a lie."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "base64_with_a_footer_of_the_list": Says("Grüße an alle."),
    "charset_big5": Says("拉鍊壞了。"),
    "charset_default_from_a_scanner": Says(
        "Scan für Büro", repairs=("charset DEFAULT_CHARSET → cp1252",)
    ),
    "charset_euc_jp": Says("ファスナーが壊れた。"),
    "charset_ibm852_from_dos": Says("Příliš žluťoučký kůň."),
    "charset_ibm866_from_dos": Says("Молния разошлась."),
    "charset_iso_2022_jp_unsaid": Says("こんにちは"),
    "charset_iso_2022_jp_with_windows_signs": Says("①ファスナー OK ｱ"),
    "charset_iso_2022_kr": Says("지퍼가 고장났어요."),
    "charset_iso_8859_15_euro": Says("Es kostet 20 €."),
    "charset_iso_8859_7_greek": Says("Το φερμουάρ χάλασε."),
    "charset_iso_8859_8_i_hebrew": Says("הרוכסן נשבר."),
    "charset_koi8_u_ukrainian": Says("Блискавка зламалася, її треба полагодити."),
    "charset_ks_c_5601_1987": Says("지퍼가 고장났어요. 뷁"),
    "charset_macintosh": Says("Café, naïve, “quoted”"),
    "charset_meta_in_html_only": Says("Молния", html="<p>Молния</p>"),
    "charset_missing_koi8r": Says(
        "Здравствуйте, у меня разошлась молния на спальном мешке.", repairs=("charset  → koi8-r",)
    ),
    "charset_missing_latin1_german": Says(
        "Schöne Grüße aus München, der Reißverschluß ist kaputt.", repairs=("charset  → cp1252",)
    ),
    "charset_missing_utf8": Says("Köszönöm, jól működik: ✓", repairs=("charset  → utf-8",)),
    "charset_missing_windows_1250": Says(
        "Příliš žluťoučký kůň, děkuji.", repairs=("charset  → cp1250",)
    ),
    "charset_name_with_translit": Says("Grüße"),
    "charset_says_latin2_is_utf8": Says(
        "Žluťoučký kůň je pryč", repairs=("charset iso-8859-2 → utf-8",)
    ),
    "charset_shift_jis_windows": Says("ファスナー①が壊れた。"),
    "charset_utf8_spelt_utf_underscore": Says("Grüße"),
    "charset_utf8_with_mark": Says("Grüße"),
    "charset_utf_16_base64": Says("Grüße aus Köln"),
    "charset_utf_16_with_mark": Says("Grüße aus Köln", repairs=("charset us-ascii → utf-16",)),
    "charset_utf_7": Says("Árvíz és köszönet"),
    "charset_windows_1250_hungarian": Says("Árvíztűrő tükörfúrógép elromlott."),
    "charset_windows_1256_arabic": Says("السحاب مكسور."),
    "charset_windows_1257_latvian": Says("Rāvējslēdzējs salūza, lūdzu palīdziet."),
    "charset_windows_1258_vietnamese": Says("Khóa kéo bị hỏng"),
    "charset_windows_874_thai": Says("ซิปพัง"),
    "charset_x_unknown": Says("Žluťoučký kůň", repairs=("charset x-unknown → utf-8",)),
    "transfer_encoding_8_bits_misspelt": Says("Grüße"),
    "transfer_encoding_base_64_misspelt": Says("Grüße"),
    "transfer_encoding_quoted_printable_broken": Says("Grüße =XY 100%\nso"),
    "transfer_encoding_x_uuencode": Says("Words in uuencode."),
}
