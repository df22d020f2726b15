"""Fetching: letters that other servers hold for our mail boxes, by IMAP and POP3.

look.py walks, imap.py and pop3.py speak, listening.py hears of news at once, sources.py is for
pages and commands.
"""
