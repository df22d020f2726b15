"""People: those who sign in, agents and their departments, customers with their addresses and companies."""
