"""Durable work: jobs, the worker that does them, the timetable, and the signal that something was committed."""
