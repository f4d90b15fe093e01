"""Refusals of closing the books."""

from dataclasses import dataclass

from festival_push.domain.refusals import Refused


@dataclass(eq=False, kw_only=True)
class BooksClosed(Refused):
    code = "books-closed"
    title = "Somebody has closed these books just now; look at the newest report first."
    kept = False


@dataclass(eq=False, kw_only=True)
class NothingToClose(Refused):
    code = "nothing-to-close"
    title = "Nothing has moved since the last Z report."
    kept = False
