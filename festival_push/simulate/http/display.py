"""Follow the pickup board of one stall, as the screen above its counter does."""

import random
from typing import NamedTuple

import msgspec

from festival_push.simulate.http.client import Client
from festival_push.simulate.http.follower import Follower
from festival_push.simulate.http.wire import Board, Seen, Told


class _Greeting(Seen, frozen=True, kw_only=True):
    resumed: bool | None = None
    snapshot: Board | None = None


class Shown(NamedTuple):
    """The numbers on a board since a position."""

    position: int
    preparing: tuple[int, ...]
    ready: tuple[int, ...]


class Display(Follower):
    """One screen.

    Attributes:
        token: What the screen signs in with.
        vendor_id: Whose board it shows.
        shown: All that it has shown so far.
    """

    def __init__(self, client: Client, display_id: str, token: str, vendor_id: str, dice: random.Random) -> None:
        path = f"/v1/boards/{vendor_id}/stream"
        super().__init__(client, display_id, {"Authorization": f"Bearer {token}"}, path, dice)
        self.token = token
        self.vendor_id = vendor_id
        self.shown: list[Shown] = []

    def begin(self, data: str) -> bool | None:
        """Show the board of the snapshot."""
        greeting = msgspec.json.decode(data, type=_Greeting)
        return None if greeting.resumed is True else greeting.snapshot is not None

    def look_at(self, name: str, told: Told) -> None:
        """Show a new board."""
        if name == "board-updated":
            self.shown.append(Shown(self.position, told.preparing, told.ready))

    def is_logged(self, name: str, event_id: str) -> bool:
        """Return False also for the board that comes once more after its snapshot."""
        again = name == "board-updated" and event_id == self.began
        return super().is_logged(name, event_id) and not again
