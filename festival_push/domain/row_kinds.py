"""How rows of one kind are kept: in `Needs`, in the book and in SQL."""

from typing import NamedTuple


class RowKind(NamedTuple):
    """The names under which rows of one kind are kept.

    Attributes:
        name: The field in `Needs`, and the dict in the `Book`.
        table: The SQL table.
        key: The field that identifies a row; the first column of the table.
    """

    name: str
    table: str
    key: str
