"""What people and programs meet: the front, the pages by audience, templates and static files."""
