"""`festival-push import`: people, balances, stalls and menus from CSV files, all or nothing of each file."""

import argparse
import sys
from pathlib import Path
from typing import Final

from festival_push.app import open_store
from festival_push.cli.databases import CommandError, require_existing
from festival_push.cli.imports.kinds import KINDS
from festival_push.cli.imports.mongodb import convert, write
from festival_push.cli.imports.sheets import read_sheet
from festival_push.cli.loading import load, run_with_settings
from festival_push.domain.imports.tally import Became, Fault, Imported
from festival_push.settings import Settings

MONGODB: Final = "mongodb"
"""Not a kind of file: writes files of all kinds."""
_FAULTS_MAX: Final = 100
"""How many are printed; a file with more is most likely another one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is imported, from where, and whether it is done."""
    parser.add_argument("what", choices=(*KINDS, MONGODB))
    parser.add_argument("file", type=Path, metavar="FILE", help="a CSV file; mongodb: the folder of an export")
    parser.add_argument("--apply", action="store_true", help="do it; else only print what would be done")
    parser.add_argument("--id", metavar="COLUMN", help="the column that has the ids of rows")


def run(parsed: argparse.Namespace) -> int:
    """Import the file; exit code 1 if a row is at fault, and then nothing was imported. Raises CommandError."""
    if parsed.what == MONGODB:
        return _convert(load(parsed), parsed.file)
    if not parsed.file.is_file():
        raise CommandError(f"there is no file {parsed.file}")
    return run_with_settings(
        lambda settings: _import(settings, parsed.what, parsed.file, key=parsed.id, apply=parsed.apply), parsed
    )


def _convert(settings: Settings, folder: Path) -> int:
    """Write the four files beside the export; exit code 1 if something is wrong, and then none. Raises CommandError."""
    found, faults = convert(folder, settings.rules().currency)
    for fault in faults[:_FAULTS_MAX]:
        print(fault, file=sys.stderr)
    if faults:
        print(f"{len(faults)} faults: nothing was written", file=sys.stderr)
        return 1
    write(folder, found)
    for what, rows in found.items():
        print(f"{folder / what}.csv\t{len(rows)}")
    return 0


async def _import(settings: Settings, what: str, file: Path, *, key: str | None, apply: bool) -> int:
    kind = KINDS[what]
    await require_existing(settings)
    faults: list[Fault] = []
    own = key or kind.key
    columns = tuple(dict.fromkeys((own, *kind.columns)))
    needed = (*kind.required, *(() if key is None else (key,)))
    async with open_store(settings, begins=False) as store:
        rows = [kind.row(line, own, store.rules) for line in read_sheet(file, columns, needed, faults)]
        command = kind.command(rows, apply and not faults)
        done: Imported = (await store.committer.submit(command)).reply
    found = sorted({*faults, *done.faults}, key=lambda fault: (fault.line, fault.column))
    _print(done, found, applied=apply and not found)
    return 1 if found else 0


def _print(done: Imported, faults: list[Fault], *, applied: bool) -> None:
    for fault in faults[:_FAULTS_MAX]:
        print(f"line {fault.line}, {fault.column}: {fault.why}", file=sys.stderr)
    if faults:
        print(f"{len(faults)} faults: nothing was imported", file=sys.stderr)
        return
    for outcome in done.outcomes:
        if outcome.became is not Became.LEFT:
            print(f"line {outcome.line}\t{outcome.became.value}\t{outcome.name}")
    counts = ", ".join(f"{done.count(became)} {became.value}" for became in Became)
    print(counts if applied else f"{counts}: nothing was changed; with --apply, this is done")
