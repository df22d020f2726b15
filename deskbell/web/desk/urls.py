"""Addresses of the desk.  They are things: what is done to one is a method on it."""

from django.urls import path

from deskbell.web.desk import (
    assignment,
    closure,
    department,
    files,
    find,
    inbox,
    letters,
    messages,
    participants,
    resolution,
    ticket,
)

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("find", find.find, name="find"),
    path("tickets/rows", inbox.rows, name="rows"),
    path("tickets/<str:code>", ticket.ticket, name="ticket"),
    path("tickets/<str:code>/entries", ticket.entries, name="entries"),
    path("tickets/<str:code>/messages", messages.messages, name="messages"),
    path("tickets/<str:code>/messages/<int:number>/frame", messages.frame, name="frame"),
    path("tickets/<str:code>/messages/<int:number>/delivery", messages.delivery, name="delivery"),
    path("tickets/<str:code>/assignment", assignment.assignment, name="assignment"),
    path("tickets/<str:code>/department", department.department, name="transfer"),
    path("tickets/<str:code>/resolution", resolution.resolution, name="resolution"),
    path("tickets/<str:code>/closure", closure.closure, name="closure"),
    path(
        "tickets/<str:code>/participants/<int:number>",
        participants.participant,
        name="participant",
    ),
    path("files/<str:token>", files.file, name="file"),
    path("letters", letters.letters, name="letters"),
    path("letters/<int:number>", letters.letter, name="letter"),
    path("letters/<int:number>/reading", letters.reading, name="reading"),
    path("letters/<int:number>/source", letters.source, name="letter_source"),
]
