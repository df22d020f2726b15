"""The API: /api/v1, JSON in and out, for programs that hold a key.

An edge like the pages: it turns JSON into actions and rows into JSON, and decides nothing.
"""
