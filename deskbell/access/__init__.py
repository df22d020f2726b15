"""Who may do what: the table in roles.py, and the two questions that everybody asks of it.

`may` and `require` ask about one thing, `visible` and `sight_of` about a list.  No right is decided anywhere else.
"""

from deskbell.access.rights import Sight, may, require, sight_of, visible

__all__ = ["Sight", "may", "require", "sight_of", "visible"]
