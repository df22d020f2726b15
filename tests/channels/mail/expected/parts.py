"""Letters whose parts are nested, packed or put together in every way."""

from __future__ import annotations

from tests.channels.mail.says import Says

EXPECTED = {
    "alternative_html_before_text": Says("The zip", html="<p>The <b>zip</b></p>"),
    "alternative_in_related_of_outlook": Says(
        "Zip", html='<p>Zip <img src="cid:image001.png@01D9"></p>', files=("*image001.png",)
    ),
    "appledouble_of_an_old_mac": Says("A picture.", files=("zip.pdf", "zip.pdf")),
    "bomb_headers_of_a_part": Says(refused="too_many_headers"),
    "bomb_letters_in_letters": Says(refused="too_deep"),
    "bomb_tnef_of_many_pieces": Says("See.", files=("winmail.dat",), repairs=("tnef_bomb",)),
    "boundary_that_begins_another": Says("Inner.", html="<p>Inner.</p>", files=("a.pdf",)),
    "boundary_with_a_space_behind": Says("Found."),
    "digest_of_letters": Says(
        "", files=("One.eml", "Two.eml"), inside=(("a@lists.example", ""), ("b@lists.example", ""))
    ),
    "enriched_text_of_eudora": Says("The zip broke.\n\n<again>"),
    "external_body": Says("By FTP.", files=("zip.txt",)),
    "flowed_with_deleted_spaces": Says("フアスナー\nnext"),
    "flowed_with_stuffed_lines": Says("One that goes on.\n>not a quote\nFrom here"),
    "html_comments_of_word": Says("Zip\n\n-", html="<p>Zip</p>-"),
    "html_only_with_two_bodies": Says("One\n\nTwo", html="<p>One</p><p>Two</p>"),
    "letter_attached_in_base64": Says(
        "Please see.", files=("old.eml",), inside=(("frida@acme.example", "Frida"),)
    ),
    "letter_attached_without_name": Says(
        "Please see.", files=("Důležité.eml",), inside=(("frida@acme.example", "Frida"),)
    ),
    "multipart_empty": Says(""),
    "multipart_with_one_part": Says("Alone."),
    "one_part_that_is_a_file": Says("", files=("fax.pdf",)),
    "related_in_alternative_in_mixed": Says(
        "Plain zip.", html='<p>Zip <img src="cid:z1"></p>', files=("*z.png", "a.pdf")
    ),
    "text_called_attachment_by_a_scanner": Says("Scan from the office.", files=("SCAN.PDF",)),
    "text_of_the_antivirus_below": Says(
        "Hello\n\nScanned by a gateway.", html="<p>Hello</p>\n<div>Scanned by a gateway.</div>"
    ),
    "tnef_alone": Says("All of it packed.", files=("zip.pdf",), repairs=("tnef_opened",)),
    "tnef_broken": Says("See.", files=("winmail.dat",), repairs=("tnef_broken",)),
    "tnef_called_octet_stream": Says("See.", files=("a.txt",), repairs=("tnef_opened",)),
    "tnef_files_of_outlook": Says(
        "See the files.", files=("zip.pdf", "note.txt"), repairs=("tnef_opened",)
    ),
    "tnef_holds_the_words": Says("Only in here.", files=("zip.pdf",), repairs=("tnef_opened",)),
    "two_texts_with_a_file_between": Says("Above.\n\nBelow.", files=("a.pdf",)),
    "uuencode_cut_off": Says("Cut.\n\nbegin 644 zip.txt\n55&AE('II<\"!I;B!U=65N8V]D92X*"),
    "uuencode_in_the_text": Says("See the file.\n\nThanks", files=("zip.txt",)),
    "uuencode_that_is_none": Says("begin 644 work on it\nand the end\nis near"),
    "uuencode_two_files": Says("Two.", files=("zip.txt", "b c.txt")),
}
