"""Words by which a letter says that a file goes along, in the desk's six languages: who forgot it is asked once.

Pure.  What only asks the reader for a file, or speaks of theirs, is none of ours; in doubt nobody is asked.
"""

from __future__ import annotations

import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

from deskbell.channels.mail import plain, quotes

# By language; all of them are looked for, for agents write in several.
WORDS: dict[str, str] = {
    "en": r"(?<!you )(?<!you've )(?<!you have )(?<!your )(?:attached|enclosed)"
    r"|(?:i|we)(?:'m| am|'re| are)? attach(?:ing)?"
    r"|(?:see|find|in|as an?|as) (?:the |our |my )?(?:attachments?|enclosure)",
    "hu": r"csatolva|csatol(?:om|juk|tam|tuk)|mellékelve|mellékelten|mellékel(?:em|jük|tem|tük)"
    r"|(?:lásd|küldöm|küldjük) (?:a |az )?(?:csatolt|mellékelt|csatolmány|melléklet)\w*"
    r"|a (?:csatolmányban|mellékletben)|(?:csatolmányként|mellékletként)",
    "cs": r"v (?:této )?příloze|viz příloh[au]|jako přílohu|přikládám|přikládáme|přiložil[ai]? jsem|přiložili jsme"
    r"|(?:v |je |jsou )?přiložen\w*|posílám\w* přílohu",
    "lv": r"(?:šīs vēstules )?pielikum(?:ā|os)|pievienoju|pievienojam|pielikumu (?:skat|sūt)\w*|skat\w* pielikumu"
    r"|(?:ir |esmu |esam )pievienot\w*|pievienotaj(?:ā|os)",
    "ru": r"во вложени(?:и|ях)|в приложении к (?:письму|этому)|прилагаю|прилагаем|прикрепляю|прикрепляем"
    r"|(?<!вы )прикрепил[аи]?|(?<!вы )приложил[аи]?|прикрепл[её]н\w*|в приложенн\w+|см\. вложени[ея]",
    "nl": r"bijgevoegde?|bijgesloten|(?:in|via) de bijlagen?|zie (?:de )?bijlagen?|als bijlage|met (?:als )?bijlage"
    r"|hierbij (?:stuur|zend|vindt) \w+",
}  # fmt: skip

_SPEAKS = re.compile(rf"(?<!\w)(?:{'|'.join(WORDS.values())})(?!\w)", re.IGNORECASE)
_MARKED = re.compile(r"^\s*>.*$", re.MULTILINE)


def spoken_of(text: str, html: str = "") -> tuple[str, ...]:
    """Return the words by which a letter speaks of a file of its own, in small letters, each once; () for none.

    html  the same words with their looks, "" without: what it quotes is not new either
    """
    written = _without_quotes(html) if html else text
    new, _repeated = quotes.split_text(written)
    plainly = unicodedata.normalize("NFC", _MARKED.sub("", new)).replace("\u2019", "'")
    found = _SPEAKS.findall(re.sub(r"\s+", " ", plainly))
    return tuple(dict.fromkeys(one.lower() for one in found))


def _without_quotes(html: str) -> str:
    tree = LexborHTMLParser(html)
    tree.strip_tags(["blockquote"], recursive=True)
    return plain.text_of_html(tree.html or "")
