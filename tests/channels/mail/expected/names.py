"""Files whose names are written in every way."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "bomb_name_of_many_pieces": Says(refused="name_too_long"),
    "name_2047_in_two_words": Says("See file.", files=("Účet za šroub.pdf",)),
    "name_2047_of_outlook": Says("See file.", files=("Účet.pdf",)),
    "name_2047_without_quotes": Says("See file.", files=("Účet.pdf",)),
    "name_2231_and_plain_beside": Says("See file.", files=("účet.pdf",)),
    "name_2231_charset_lies": Says("See file.", files=("Účet.pdf",)),
    "name_2231_in_pieces": Says("See file.", files=("Účet za šroub.pdf",)),
    "name_2231_in_quotes": Says("See file.", files=("Účet.pdf",)),
    "name_2231_pieces_out_of_order": Says("See file.", files=("one-two.pdf",)),
    "name_2231_without_charset": Says("See file.", files=("résumé.pdf",)),
    "name_of_a_thousand_signs": Says(
        "See file.",
        files=(
            "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz.pdf",
        ),
    ),
    "name_only_on_the_type": Says("See file.", files=("scan0001.pdf",)),
    "name_percent_without_star": Says("See file.", files=("Účet.pdf",)),
    "name_raw_utf8": Says("See file.", files=("Účet.pdf",)),
    "name_raw_windows_1251": Says("See file.", files=("Счёт номер.pdf",)),
    "name_with_path_of_windows": Says("See file.", files=("zip.pdf",)),
    "name_with_spaces_unquoted": Says("See file.", files=("my zip file.pdf",)),
}
