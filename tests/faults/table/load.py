"""Clients and streams in a thread of their own: they go on while the main thread breaks something and heals it."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import httpx2

from tests.faults.table.client import Client, Manners, Refused, another
from tests.faults.table.watcher import Habit, Watcher
from tests.faults.table.wishes import Cast, top_up, wish
from tests.support.checker import Records
from tests.support.ground import Person, Screen
from tests.support.timing.waiting import until_sync
from tests.support.wire.history import Try, Watched

PATIENCE_S: Final = 150.0


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much goes on at once.

    Attributes:
        clients: Each does one thing after the other, at any server; beside them, one at each server stays there.
        roaming: Streams of each kind that come back at any server, beside one of each kind pinned at each server.
        pause_s: Seconds that a client rests between two wishes, on average; 0: none.
        heartbeat_s: Of the servers' streams.
        forgives: A client whose order is not known any more wishes for something else; otherwise that is an error.
    """

    clients: int = 4
    roaming: int = 1
    pause_s: float = 0.02
    heartbeat_s: float = 2.0
    forgives: bool = False
    manners: Manners = field(default_factory=lambda: Manners(answer_s=3.0, pause_s=0.05))


class Load:
    """Goes on from `with` to `finish`. What it counts may be read at any time, by any thread.

    Args:
        name: Begins all keys, so that no two loads of one festival use the same.
        urls: Of the servers.
        tries: Where its clients write what they do.
    """

    def __init__(
        self, name: str, urls: Sequence[str], cast: Cast, tries: list[Try], *, dice: random.Random, size: Size
    ) -> None:
        self.tries = tries
        self.begin = len(tries)
        self.findings: list[str] = []
        """What a row itself has found, in words."""
        self.watchers = [
            Watcher(
                watched=Watched(name=said, topics=who.topics, account=account),
                token=who.token, path=path, urls=urls, habit=habit, dice=another(dice),
                heartbeat_s=size.heartbeat_s, pause_s=size.manners.pause_s,
            )
            for said, who, path, account, habit in lineup(cast, size.roaming)
        ]  # fmt: skip
        self.urls = urls
        self.dice, self.size = dice, size
        self._name, self._cast = name, cast
        self._enough = False
        self._working = size.clients + len(urls)
        self._error: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._desk: Client | None = None
        self._going: list[asyncio.Task[None]] = []
        self._thread = threading.Thread(target=self._run, name="load")

    def __enter__(self) -> "Load":
        self._thread.start()
        try:
            self.until(lambda: all(watcher.cursor for watcher in self.watchers), "every stream is greeted")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    # What the main thread asks

    @property
    def own(self) -> Sequence[Try]:
        """What its clients have tried so far."""
        return self.tries[self.begin :]

    @property
    def decided(self) -> int:
        """How many tries were decided."""
        return sum(1 for each in self.own if each.outcome in {"done", "refused"})

    def until(self, condition: Callable[[], object], message: str, within_s: float = PATIENCE_S) -> None:
        """Wait, while it goes on. Raises what broke in it, too."""

        def holds() -> bool:
            if self._error is not None:
                raise self._error
            return bool(condition())

        until_sync(holds, within_s=within_s, message=message)

    def goes_on(self, commands: int) -> None:
        """Wait until so many more tries were decided."""
        goal = self.decided + commands
        self.until(lambda: self.decided >= goal, f"{commands} more commands are decided")

    def is_told(self, server: int) -> None:
        """Wait until a command is taken at this server, and told at each."""
        assert self._desk is not None
        anna = self._cast.customers[0]
        taken = asyncio.run_coroutine_threadsafe(top_up(self._desk, self._cast, anna, 1, at=server), self._loop)
        self.until(taken.done, f"server {server} takes a command")
        position = taken.result()
        hers = [each for each in self.watchers if each.token == anna.token and each.habit.at is not None]
        self.until(lambda: all(each.position >= position for each in hers), f"what server {server} took is told")

    def join(self, watchers: Sequence[Watcher]) -> None:
        """Open more streams; they stay to the end."""
        self.watchers = [*self.watchers, *watchers]
        self._loop.call_soon_threadsafe(self._watch, watchers)

    def finish(self) -> None:
        """Let the clients end what they have begun."""
        self._enough = True
        self.until(lambda: not self._working, "all clients have ended what they had begun")

    def catch_up(self, records: Records, within_s: float) -> None:
        """Wait until each stream has come to the end of the log; if one does not, the checker says what it lacks."""
        goals = [(watcher, newest(records, watcher.watched.topics)) for watcher in self.watchers]

        def have() -> bool:
            return all(each.epoch == records.epoch and each.position >= goal for each, goal in goals)

        until_s = time.monotonic() + within_s
        self.until(lambda: have() or time.monotonic() > until_s, "every stream is at the end of the log")

    # The thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._main())
        except BaseException as error:  # the main thread raises it
            self._error = error
        finally:
            asyncio.set_event_loop(None)
            self._loop.close()

    async def _main(self) -> None:
        limits = httpx2.Limits(max_connections=300, max_keepalive_connections=300)
        async with (
            httpx2.AsyncClient(limits=limits, trust_env=False, verify=False) as http,
            asyncio.TaskGroup() as self._group,
        ):
            self._desk = self._client("desk", http)
            self._watch(self.watchers)
            for number in range(self.size.clients):
                self._going.append(self._group.create_task(self._work(self._client(str(number), http))))
            for server in range(len(self.urls)):
                till = self._client(f"till-{server}", http)
                self._going.append(self._group.create_task(self._work(till, at=server)))
            await self._over.wait()
            while left := [task for task in self._going if not task.done()]:
                for task in left:
                    task.cancel()
                await asyncio.wait(left, timeout=1)  # and again: what is cancelled as its time runs out may go on

    def _watch(self, watchers: Sequence[Watcher]) -> None:
        self._going += [self._group.create_task(watcher.run()) for watcher in watchers]

    def _client(self, name: str, http: httpx2.AsyncClient) -> Client:
        dice = another(self.dice)
        return Client(f"{self._name}-{name}", http, self.urls, self.tries, dice, self.size.manners)

    async def _work(self, client: Client, *, at: int | None = None) -> None:
        """Wish for one thing after the other; a till that knows one server only takes money."""
        while not self._enough:
            try:
                if at is None:
                    await wish(client, self._cast)
                else:
                    await top_up(client, self._cast, self._cast.customers[-1], 1, at=at)
            except Refused:
                if not self.size.forgives:
                    raise
            await asyncio.sleep(self.size.pause_s * client.dice.uniform(0, 2))  # between two taps of a thumb
        self._working -= 1


def lineup(cast: Cast, roaming: int) -> Iterator[tuple[str, Person | Screen, str, str, Habit]]:
    """Give the streams: what it is called, whose it is, its path, whose balance it tells, and its habit."""
    anna, ben, *_ = cast.customers
    stall, screen = cast.stalls[0], cast.screens[0]
    mine, board = "/v1/stream", f"/v1/boards/{screen.vendor_id}/stream"
    for server in range(2):
        yield f"guest at {server}", anna, mine, f"user:{anna.user_id}", Habit(at=server)
        yield f"stall at {server}", stall, mine, "", Habit(at=server)
    yield "screen at 1", screen, board, "", Habit(at=1)
    for number in range(roaming):
        yield f"guest {number} in a tunnel", ben, mine, f"user:{ben.user_id}", Habit(cut_after=8)
        yield f"roaming stall {number}", stall, mine, "", Habit(cut_after=30)
        yield f"roaming screen {number}", screen, board, "", Habit(cut_after=8)
        yield f"organiser {number}", cast.admin, mine, "", Habit(cut_after=60)


def newest(records: Records, topics: Collection[str]) -> int:
    """Return the position of the newest event of these topics; 0 if there is none."""
    return max((entry.position for entry in records.log if not entry.topics.isdisjoint(topics)), default=0)
