"""What stands before the desk: the first run, signing in and out, invitations."""
