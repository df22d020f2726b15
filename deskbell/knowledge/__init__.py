"""Knowledge: what the team has said before and says again, and what tickets begin with."""
