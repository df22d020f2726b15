"""The ways by which people reach the desk and the desk reaches them; same-shaped neighbours.

A channel turns what came into one plain value (inbound.py) and hands it to intake.py.
"""
