"""What happens while one version of the program takes the place of another, one server after the other."""

from pathlib import Path
from typing import Final

from tests.faults.table.load import Load
from tests.faults.table.row import Pace, Row
from tests.faults.table.setups import Field, Setup
from tests.support.versions.programs import program_next


def _upgraded(field: Field, load: Load, pace: Pace) -> None:
    """`migrate` by the next version while both servers run; then server by server. One of before crashes meanwhile."""
    _upgrade(field, load, pace, program_next(field.folder("next")))


def _upgraded_to_this(field: Field, load: Load, pace: Pace) -> None:
    _upgrade(field, load, pace, None)


def _upgrade(field: Field, load: Load, pace: Pace, version: Path | None) -> None:
    first, second = field.servers
    before, first.version = first.version, version
    first.command("migrate")
    first.version = before
    pace.hold(load, 4)
    _replace(field, load, 0, version)
    pace.hold(load, 4)
    second.kill()
    pace.hold(load, 4)
    second.start()
    load.is_told(1)
    pace.hold(load, 4)
    _replace(field, load, 1, version)


def _replace(field: Field, load: Load, number: int, version: Path | None) -> None:
    server = field.servers[number]
    if code := server.terminate():
        load.findings.append(f"server {number} ended with {code}")
    server.version = version
    server.start()


def _this_again(field: Field, load: Load, pace: Pace) -> None:
    """Go back to the version of before, which an additive migration allows."""
    for number, server in enumerate(field.servers):
        if server.exit_code is not None:
            server.version = None
            server.start()
        elif server.version is not None:
            _replace(field, load, number, None)


ROWS: Final = (
    Row(name="the next version migrates, both servers in turn, and back", inflict=_upgraded, heal=_this_again),
    Row(
        name="the version before: migrated, both servers in turn", inflict=_upgraded_to_this, heal=_this_again,
        setup=Setup(version="before"),
    ),
)  # fmt: skip
