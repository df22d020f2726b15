"""Who may do what: the table in roles.py, and the two questions that everybody asks of it.

`may` and `require` ask about one thing, `visible` about a list.  No right is decided anywhere else.
"""

from deskbell.access.rights import may, require, visible

__all__ = ["may", "require", "visible"]
