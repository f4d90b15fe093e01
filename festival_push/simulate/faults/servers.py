"""Faults of servers whose process ids the user has named: they stand still, end, or are killed."""

import asyncio
import os
import random
import signal
import subprocess
from typing import Final

from festival_push.simulate.festival import Festival
from festival_push.simulate.plan import SimulationError

STILL_S: Final = (2.0, 5.0)
_APART_S: Final = (8.0, 12.0)


def require_servers(pids: tuple[int, ...]) -> None:
    """Raise SimulationError if one of the processes is no Festival Push server of ours, so that no other is hit."""
    for pid in pids:
        command = _command_of(pid)
        if not ("festival" in command and " serve" in command):
            raise SimulationError(f"--pid {pid} is no `festival-push serve`: {command or 'no such process'}")
        try:
            os.kill(pid, 0)
        except PermissionError as error:
            raise SimulationError(f"--pid {pid} is another user's process") from error


def _command_of(pid: int) -> str:
    line = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(line, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - its number


async def freeze(festival: Festival) -> None:
    """Stop one server after the other for a while."""
    dice = festival.dice("freezer")
    await festival.pause(dice, 1.0, 3.0)
    while festival.selling:
        pid = dice.choice(festival.plan.pids)
        if not _send(pid, signal.SIGSTOP):
            return
        try:
            festival.inflicted["freeze"] += 1
            await asyncio.sleep(dice.uniform(*STILL_S))
        finally:
            _send(pid, signal.SIGCONT)
        await festival.pause(dice, *_APART_S)


async def restart(festival: Festival) -> None:
    """Ask each server to end, one after the other: whatever has started it must start it again."""
    await _end_each(festival, "restart", signal.SIGTERM)


async def kill(festival: Festival) -> None:
    """Kill each server, one after the other."""
    await _end_each(festival, "kill", signal.SIGKILL)


async def _end_each(festival: Festival, name: str, sig: signal.Signals) -> None:
    dice: random.Random = festival.dice(name)
    await festival.pause(dice, 1.0, 3.0)
    for pid in festival.plan.pids:
        if not festival.selling:
            return
        festival.inflicted[name] += _send(pid, sig)
        await festival.pause(dice, *_APART_S)


def _send(pid: int, sig: signal.Signals) -> bool:
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        return False  # it has ended, and its successor has another id
    return True
