"""Queries kept under a name: one's own, a department's or everybody's.  Pages, the rail and the API read them."""
