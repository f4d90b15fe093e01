"""What ends a stream that could not read what it needs."""

from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class ReadFailed(Exception):
    """The log could not be read; its cause says why."""


async def read_or_fail(reading: Awaitable[T]) -> T:
    """Await one reading. Which errors a database has is the store's affair: here all of them mean "try again".

    Raises:
        ReadFailed: Whatever it was that the reading raised.
    """
    try:
        return await reading
    except Exception as error:
        raise ReadFailed from error
