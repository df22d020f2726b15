"""Deskbell, a help desk.  ARCHITECTURE.md draws the rooms; `ls deskbell` shows them."""

__version__ = "0.1.0"
