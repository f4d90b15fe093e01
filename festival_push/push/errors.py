"""The error that ends a stream when the log can't be read, and the helper that raises it."""

from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class ReadFailed(Exception):
    """Raised when a stream can't read the log, its snapshot or its rooms; the text or the cause says why."""


async def read_or_fail(reading: Awaitable[T]) -> T:
    """Await one read, and turn any error into ReadFailed: only the store knows a database's errors, and here all of
    them mean "try again".

    Raises:
        ReadFailed: `reading` has raised an exception, which is the cause.
    """
    try:
        return await reading
    except Exception as error:
        raise ReadFailed from error
