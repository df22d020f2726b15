"""Knowledge: what the team has said before and says again."""
