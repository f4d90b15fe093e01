"""Rate limits that several processes share through Redis; the local ones whenever Redis does not answer at once.

    take -> waiting takes --one script call for all of them--> Redis
                |  no answer within the deadline, or an error
                +-> local budgets, for everyone, until `run` gets an answer again

A request never waits for a Redis that is known to be away, and a request that goes away cancels no Redis command.
"""

import asyncio
import logging
from typing import Final

import msgspec

from festival_push.push.news.redis_calls import Calls, Script
from festival_push.push.news.redis_client import REDIS_FAILURES, key_name, redis_client
from festival_push.push.news.redis_state import RedisState, reason_of
from festival_push.web.identity.limits import Budget, LocalRateLimiter, budget_after

DEADLINE_S: Final = 0.015
PROBE_S: Final = 1.0
_CONNECT_S: Final = 2.0
_BATCH_MAX: Final = 200
_PROBE_KEYS: Final = 3  # more than one, as takes have: a cluster refuses those
_PROBE_PERIOD_US: Final = 1_000
_LATE_SAID: Final = 3
"""So many late answers in a row are said in the log: on a busy machine a single one says little of Redis."""
_PROBES_MAX: Final = 8  # the longest wait between two probes, in first waits

_TAKE: Final = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ahead = {}
for i, key in ipairs(KEYS) do
  local cost, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local kept = redis.pcall('GET', key)
  if type(kept) == 'table' and not string.find(kept.err, 'WRONGTYPE') then return kept end
  kept = type(kept) == 'string' and tonumber(kept) or 0
  if kept ~= kept then kept = 0 end
  local paid = math.max(now, math.min(kept, now + period)) + cost
  if paid - now <= period then
    redis.call('SET', key, string.format('%.0f', paid), 'PX', math.ceil((paid - now) / 1000))
  end
  ahead[i] = paid - now
end
return ahead
""")
"""GCRA as in `budget_after`, in microseconds of Redis' clock, so that the processes' clocks need not agree. Whoever can
write to Redis can use up a budget, but no more than one period of it, and can't break the script: a value of another
kind counts as none. Any other error of GET is the script's: a user without that right would have no limits at all."""

_log = logging.getLogger(__name__)


class _Take(msgspec.Struct, frozen=True, eq=False):
    key: str
    cost_us: int
    period_us: int
    ahead_us: asyncio.Future[int | None]  # None: ask the local limiter


class RedisRateLimiter:
    """Takes from budgets that all processes share.

    Args:
        prefix: Put before every key.
        local: The limiter to use while Redis does not answer.
        deadline_s: The longest wait for Redis, in seconds. Requests wait for it.
        probe_s: Seconds until a Redis that was away is probed again; each wait is twice as long, up to eight times.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str,
        local: LocalRateLimiter,
        deadline_s: float = DEADLINE_S,
        probe_s: float = PROBE_S,
    ) -> None:
        # A connection of its own: a slow answer to another caller must not hold ours up.
        self._calls: Calls | None = None
        self._url, self._name = url, prefix
        self._prefix = key_name(prefix, "limit") + ":"
        self._local = local
        self._deadline_s = deadline_s
        self._probe_s = probe_s
        self._waiting: list[_Take] = []
        self._flusher: asyncio.Task[None] | None = None
        self._late = 0  # answers to takes that did not come in time, since the last that did
        self._state = RedisState(
            _log, works="rate limits are shared", fails="rate limits are local for now", first=True
        )

    @property
    def shared(self) -> bool:
        """Whether the last call of the script worked; a ping would prove nothing."""
        return self._state.ok

    async def run(self) -> None:
        """Use Redis as soon as it answers, at the start and after each failure, until cancelled."""
        wait_s = self._probe_s
        while True:
            if self.shared:  # since the last look; one that fails soon after each probe is probed less often, too
                wait_s = self._probe_s
            else:
                wait_s = min(2 * wait_s, _PROBES_MAX * self._probe_s)
                await self.probe()
            await asyncio.sleep(wait_s)

    async def take(self, key: str, limit: int, *, period_s: float = 60.0) -> Budget:
        """As `RateLimiter.take`."""
        if self.shared:
            period_us = int(period_s * 1_000_000)
            ahead_us: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
            self._waiting.append(_Take(self._prefix + key, period_us // limit, period_us, ahead_us))
            if self._flusher is None:
                self._flusher = asyncio.create_task(self._flush())
            if (ahead := await ahead_us) is not None:
                return budget_after(limit, period_s, ahead / 1_000_000)
        return self._local.take_now(key, limit, period_s)

    async def close(self) -> None:
        """Close the connection to Redis; later takes are limited locally."""
        self._state.ok = False
        if self._flusher is not None:
            self._flusher.cancel()
            await asyncio.gather(self._flusher, return_exceptions=True)
        await self._disconnect()

    async def _flush(self) -> None:
        """Send the waiting takes to Redis in batches, one call at a time, until none waits."""
        batch: list[_Take] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_BATCH_MAX], self._waiting[_BATCH_MAX:]
                costs = [number for take in batch for number in (take.cost_us, take.period_us)]
                async with asyncio.timeout(self._deadline_s):
                    aheads_us = await self._run([take.key for take in batch], costs)
                self._late = 0
                for take, ahead_us in zip(batch, aheads_us, strict=True):
                    _resolve(take, ahead_us)
        except REDIS_FAILURES as error:
            self._late = self._late + 1 if isinstance(error, TimeoutError) else _LATE_SAID
            if self._late < _LATE_SAID:
                self._state.ok = False  # a Redis that is away is said by the next probe, which waits longer
            else:
                self._state.failed(reason_of(error))
        finally:  # whatever happened, no take may wait for ever
            self._flusher = None
            for take in (*batch, *self._waiting):
                _resolve(take, None)
            self._waiting = []

    async def _run(self, keys: list[str], costs: list[int]) -> list[int]:
        """Run the script, and return how far each key is paid ahead. Raises one of REDIS_FAILURES."""
        answers = await (await self._connected()).run_script(_TAKE, keys, costs)
        if len(answers) != len(keys):
            raise ValueError("no answer of the script")
        return [int(answer) for answer in answers]

    async def _connected(self) -> Calls:
        if self._calls is None or (self._calls.was_open and not self._calls.open):
            await self._disconnect()
            self._calls = Calls(redis_client(self._url, prefix=self._name), within_s=_CONNECT_S)
        if not self._calls.open:  # a search for the primary that a deadline cut off goes on, and is not begun anew
            await self._calls.connect()
        return self._calls

    async def _disconnect(self) -> None:
        calls, self._calls = self._calls, None
        if calls is not None:
            await calls.close()

    async def probe(self) -> bool:
        """Run the script as takes do, on several keys of its own, and return whether that worked."""
        keys = [f"{self._prefix}probe:{number}" for number in range(_PROBE_KEYS)]
        try:
            # No request waits for this probe, and it may have to connect first: look up, TLS, a password.
            async with asyncio.timeout(max(self._deadline_s, _CONNECT_S)):
                await self._run(keys, [1, _PROBE_PERIOD_US] * _PROBE_KEYS)
        except REDIS_FAILURES as error:
            self._state.failed(reason_of(error))
            await self._disconnect()
        else:
            self._state.worked()
        return self.shared


def _resolve(take: _Take, ahead_us: int | None) -> None:
    if not take.ahead_us.done():  # else its caller has gone away
        take.ahead_us.set_result(ahead_us)
