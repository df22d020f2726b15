"""Whether a letter of a stranger is spam: by who vouches for it, and by what the desk has learned here.

suspect.py decides, for read.py; a letter that is judged so opens its ticket in Spam, and nothing is lost.
"""
