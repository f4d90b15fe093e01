"""Calls: commands over one link to Redis, and the answer to each, without a task or a lock between.

Limits and notices ask once for each batch of commands, and redis-py's own way to ask costs more than what is asked for.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ReadOnlyError

from festival_push.push.news.redis_client import ROLE_EVERY_S, close_quietly, is_replica
from festival_push.push.news.redis_link import Command, Link, Reply

_ROLE: Final = ("HELLO",)  # needs no right


class Script:
    """What Redis runs for us, by name once it knows it."""

    def __init__(self, lua: str) -> None:
        self.lua = lua
        self.name = hashlib.sha1(lua.encode(), usedforsecurity=False).hexdigest()  # as Redis names it


class Calls(Link):
    """A link that asks, and is answered in order. It ends as soon as it leads to a replica, or to no place where its
    client would connect to.

    Args:
        client: Makes the connection, and is closed with it; nobody else may use it.
        within_s: How long it may take to connect.
    """

    def __init__(self, client: Redis, *, within_s: float) -> None:
        super().__init__(client, self._take, within_s=within_s)
        self._asked: deque[asyncio.Future[Reply] | None] = deque()  # None: we have asked for its role
        self._loop = asyncio.get_running_loop()
        self._role_asked_s = self._loop.time()  # the client asks when it connects
        self.ended.add_done_callback(lambda _: self._fail())

    def ask(self, *command: bytes | str | int) -> asyncio.Future[Any]:
        """Send a command, and return its answer to come, which raises what Redis answers with, or REDIS_FAILURES.

        An answer that nobody waits for any more is passed over; those behind it stay where they belong.

        Raises:
            REDIS_FAILURES: The connection is lost.
        """
        if self._loop.time() - self._role_asked_s >= ROLE_EVERY_S:
            self._look()
        self.send(command)
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._asked.append(answer)
        return answer

    async def run_script(self, script: Script, keys: Sequence[str], arguments: Sequence[int]) -> Any:
        """Run a script, and return its answer. Raises as `ask` does."""
        command: Command = ("EVALSHA", script.name, len(keys), *keys, *arguments)
        try:
            return await self.ask(*command)
        except NoScriptError:
            await self.ask("SCRIPT", "LOAD", script.lua)
            return await self.ask(*command)

    async def close(self) -> None:
        """End the link, and close its client. Whoever still waits for an answer gets none."""
        self.leave()
        await close_quietly(self._client)

    def _look(self) -> None:
        """Ask whether it is a primary. Raises ConnectionError if a connection would be made to another place now."""
        if self.leads_elsewhere():
            self.give_up(RedisConnectionError("another server is the primary now"))
        self.send(_ROLE)
        self._asked.append(None)
        self._role_asked_s = self._loop.time()

    def _take(self, reply: Reply) -> None:
        answer = self._asked.popleft()
        if answer is None:
            if is_replica(reply):  # what was asked behind it is refused too, whatever it answers
                raise ReadOnlyError("it is a replica")
        elif answer.done():  # its caller has gone away
            return
        elif isinstance(reply, Exception):
            answer.set_exception(reply)
        else:
            answer.set_result(reply)

    def _fail(self) -> None:
        error = None if self.ended.cancelled() else self.ended.exception()
        while self._asked:
            answer = self._asked.popleft()
            if answer is not None and not answer.done():
                answer.set_exception(error or RedisConnectionError("the connection is closed"))
