"""The pages of agents: the inbox, a ticket, letters, files."""
