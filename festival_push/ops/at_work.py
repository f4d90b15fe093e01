"""Run a core task of the process; if it dies, the process ends."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

_log = logging.getLogger(__name__)


@asynccontextmanager
async def at_work(name: str, work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run a core task beside the block. If it dies, stop the process: a server without it would only look alive."""
    task, ending = asyncio.create_task(work, name=name), False

    def ended(task: asyncio.Task[None]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        if ending:  # don't exit at once: the other parts must be closed in order
            _log.error("the %s failed at its end", name, exc_info=error)
            return
        _log.critical("the %s died; this process ends", name, exc_info=error)
        os._exit(1)

    task.add_done_callback(ended)
    try:
        yield
    finally:
        ending = True
        task.cancel()
        await asyncio.wait((task,))
