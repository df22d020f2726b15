"""Every module opens with one to five lines that say what it is."""

import ast

from tests.laws.sources import modules

LONGEST = 5
REFERENCES = {  # their openings are looked up again and again: the helpers of templates, the protocol
    "deskbell/web/jinja.py",
    "deskbell/live/sockets.py",
}


def test_every_module_says_what_it_is() -> None:
    silent, talkative = [], []
    for path, tree in modules("deskbell", "tests"):
        words = ast.get_docstring(tree)
        if not tree.body:  # an empty __init__.py only makes a folder a package
            continue
        if not words:
            silent.append(path)
        elif path not in REFERENCES and len(list(filter(str.strip, words.splitlines()))) > LONGEST:
            talkative.append(path)
    assert (silent, talkative) == ([], [])
