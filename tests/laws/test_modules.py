"""Every module opens with one to five lines that say what it is."""

import ast

from tests.laws.sources import modules

LONGEST = {  # files whose opening is a reference on purpose
    "deskbell/web/jinja.py": 12,
    "deskbell/cli.py": 6,
    "deskbell/logs.py": 7,
}


def test_every_module_says_what_it_is() -> None:
    silent, talkative = [], []
    for path, tree in modules("deskbell", "tests"):
        words = ast.get_docstring(tree)
        if not tree.body:  # an empty __init__.py only makes a folder a package
            continue
        if not words:
            silent.append(path)
        elif len([line for line in words.splitlines() if line.strip()]) > LONGEST.get(path, 8):
            talkative.append(path)
    assert (silent, talkative) == ([], [])
