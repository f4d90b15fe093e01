"""What many runs of a row have shown, as one line of a table in Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from tests.faults.table.row import Outcome, Row

_HEAD: Final = (
    "| fault | commands / tries | events | 503 | unanswered | gap s | back s | findings |",
    "|---|---|---|---|---|---|---|---|",
)


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what runs of one row have shown in all: sums, and the longest times."""
    first, *others = outcomes
    for other in others:
        first = replace(
            first,
            wishes=first.wishes + other.wishes,
            tries=first.tries + other.tries,
            events=first.events + other.events,
            connects=first.connects + other.connects,
            not_now=first.not_now + other.not_now,
            unknown=first.unknown + other.unknown,
            gap_s=max(first.gap_s, other.gap_s),
            back_s=max(first.back_s, other.back_s),
            findings=[*first.findings, *other.findings],
        )
    return first


def table(outcomes: Iterable[Outcome]) -> str:
    """Return the table, without a line end behind it."""
    return "\n".join([*_HEAD, *map(_line, outcomes)])


def merged(told: str, outcomes: Iterable[Outcome], order: Sequence[str]) -> str:
    """Return the table that was told so far, with these rows instead of its own of the same names, in this order."""
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in told.splitlines() if line.startswith("| ")}
    lines |= {shown.name: _line(shown) for shown in outcomes}
    return "\n".join([*_HEAD, *(lines[name] for name in order if name in lines)])


def _line(shown: Outcome) -> str:
    cells = [
        shown.name, f"{shown.wishes:,} / {shown.tries:,}", f"{shown.events:,}", f"{shown.not_now:,}",
        f"{shown.unknown:,}", f"{shown.gap_s:.1f}", f"{shown.back_s:.1f}", f"{len(shown.findings)}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def late(row: Row, shown: Outcome) -> list[str]:
    """Return which promised times a row did not keep, in words."""
    promised = [("gap", shown.gap_s, row.gap_s), ("time back", shown.back_s, row.back_s)]
    return [
        f"{row.name}: {what} {took:.1f} s, promised {most:g} s"
        for what, took, most in promised
        if most is not None and took > most
    ]


def promises(rows: Iterable[Row]) -> str:
    """Return what is promised under which fault, as a table, without a line end behind it."""
    head = ("| fault | 503 | gap s | back s |", "|---|---|---|---|")
    return "\n".join([*head, *map(_promise, rows)])


def _promise(row: Row) -> str:
    gap = "as long as it lasts" if row.gap_s is None else f"{row.gap_s:g}"
    return f"| {row.name} | {'yes' if row.not_now else 'none'} | {gap} | {row.back_s:g} |"
