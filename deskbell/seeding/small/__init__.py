"""A small believable desk: an outdoor shop, its customers in six languages, and a month of what they wrote.

Everything is done through the actions, each at its own time, so that making it tries the door.  The same moment and
size give the same history; codes, tokens and signatures are random as always.
"""
