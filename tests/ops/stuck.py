"""A program whose loop is held by C code that lets no other thread run: what tests/ops/test_watchdog.py starts."""

import asyncio
import re

from festival_push.ops import watchdog
from festival_push.ops.logs import configure_logs


def hold_the_interpreter() -> None:
    """A pattern that tries everything: a second or more, all of them inside one call."""
    re.fullmatch(r"(a|a)*b", "a" * 25)


async def main() -> None:
    task = asyncio.create_task(watchdog.Watchdog().run())
    await asyncio.sleep(0)
    hold_the_interpreter()
    task.cancel()
    await asyncio.wait((task,))


if __name__ == "__main__":
    watchdog.STUCK_S = 0.2  # type: ignore[misc] # Final for the product; a test has not got 5 s
    configure_logs()
    asyncio.run(main())
