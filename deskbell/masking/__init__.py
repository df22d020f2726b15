"""What must not stay of what comes in, such as card numbers: found and masked before it is kept.

`rules.begin()` gives what masks one thing that came in; the rest of this room is pure.
"""
