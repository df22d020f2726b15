"""Sweeps: one act on many tickets, done by a job, each ticket through its own action.  Pages and the API begin them."""
