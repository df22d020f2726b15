"""What agents decide about themselves: profile, password, sessions, availability."""
