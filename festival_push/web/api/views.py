"""The objects of the wire contract: domain values as JSON, in camelCase, amounts in minor units, times RFC 3339."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import msgspec

R = TypeVar("R")
T = TypeVar("T")


class View(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An object of the contract. None is `null`: not known; UNSET is left out: does not apply."""


class Page(View, Generic[T], frozen=True, kw_only=True):
    """Some of a list, newest first where it has an order; `next` goes into `?before=` for the rest."""

    items: tuple[T, ...]
    next: str | None


def page(found: Sequence[R], limit: int, view: Callable[[R], T], *, before: Callable[[R], int | str]) -> Page[T]:
    """Make one page of rows.

    Args:
        found: The rows, at most one more than `limit`: that one says that there is another page.
        before: The value of `?before=` from which on older rows are listed.
    """
    shown = found[:limit]
    more = len(found) > len(shown)
    return Page(items=tuple(map(view, shown)), next=str(before(shown[-1])) if more else None)


def only_page(items: Iterable[T]) -> Page[T]:
    """Make the page of a list without further ones: of all its items, or of the newest, as its route says."""
    return Page(items=tuple(items), next=None)
