"""Who may come in: counting failed sign-ins, and links that let somebody choose a password."""
