"""What Deskbell needs of a database beyond Django's own backends."""
