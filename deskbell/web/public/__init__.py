"""Pages for customers and whoever holds a link: no sign-in, no scripts, browsers of 2021."""
