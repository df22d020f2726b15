"""The heart: tickets, their timeline, and the one door through which anything happens to them."""
