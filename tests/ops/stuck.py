"""A program whose loop is held, again and again, by C code that lets no other thread run: what test_watchdog starts."""

import asyncio
import ctypes
from typing import Final

from festival_push.ops import watchdog
from festival_push.ops.logs import configure_logs

_HELD_US: Final = 1_000_000
_LIBC: Final = ctypes.PyDLL(None)  # its functions are called without letting go of the interpreter


def hold_the_interpreter() -> None:
    """A second inside one call."""
    _LIBC.usleep(_HELD_US)


async def main() -> None:
    task = asyncio.create_task(watchdog.Watchdog().run())
    while not task.done():
        await asyncio.sleep(2 * watchdog.BEAT_S)  # it has beaten since
        hold_the_interpreter()


if __name__ == "__main__":
    watchdog.STUCK_S = 0.5  # type: ignore[misc] # Final for the product; a test has not got 5 s
    configure_logs()
    asyncio.run(main())
