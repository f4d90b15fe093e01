from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from festival_push.serving.refusals import cut_offs
from tests.serving.http_server import KEEP_ALIVE_S, LIMITS, LoopName, SmallServer
from tests.serving.program import Program, Start, pids_of
from tests.serving.served_app import Options
from tests.support.timing.clocks import Clock


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> LoopName:
    name: LoopName = request.param
    return name


@pytest.fixture
def server(loop: LoopName) -> Iterator[SmallServer]:
    """Its clock stands still until it is moved: nobody is ever too slow."""
    with SmallServer(LIMITS, loop, keep_alive_s=KEEP_ALIVE_S, clock=Clock()).running() as server:
        yield server


@pytest.fixture(autouse=True)
def counted() -> dict[str, int]:
    """Return the counts of cut-offs, which begin at 0 in each test."""
    for reason in cut_offs:
        cut_offs[reason] = 0
    return cut_offs


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def start_one(options: Options = Options(), *, serving: bool = True) -> Program:  # noqa: B008 - it is frozen
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            folder.mkdir()
            program = Program(options, folder)
            stack.callback(program.process.wait)
            stack.callback(program.process.kill)
            if serving:
                program.wait_until_it_serves()
                pids_of(program, options.workers)
            return program

        yield start_one
