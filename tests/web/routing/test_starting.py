"""One line for what an operator can mend, and a traceback for our bugs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from festival_push.store.errors import Unavailable
from festival_push.web.routing.starting import SaidStart
from tests.support.servers.ports import free_port


async def start(error: Exception | None) -> list[Message]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if error is None:
            await send({"type": "lifespan.startup.complete"})
            return
        await send({"type": "lifespan.startup.failed", "message": "Traceback"})
        raise error

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    started = SaidStart(app, (Unavailable,))({"type": "lifespan"}, receive, send)
    if error is None:
        await started
    else:
        with pytest.raises(type(error)):
            await started
    return sent


async def test_what_an_operator_can_mend_is_one_line() -> None:
    [failed] = await start(Unavailable("no connection to PostgreSQL: refused"))
    assert failed == {
        "type": "lifespan.startup.failed",
        "message": "can't start: no connection to PostgreSQL: refused",
    }


async def test_a_bug_keeps_its_traceback() -> None:
    [failed] = await start(ValueError("a bug"))
    assert failed["message"] == "Traceback"


async def test_a_start_that_succeeds_is_not_touched() -> None:
    assert await start(None) == [{"type": "lifespan.startup.complete"}]


@pytest.mark.timeout(60)
def test_a_server_without_its_database_says_so_in_one_line(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "FESTIVAL_PUSH_DATABASE__URL": f"postgresql://nobody@127.0.0.1:{free_port()}/none",
    }
    command = [sys.executable, "-m", "festival_push", "serve", "--port", "0"]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("festival-push: ")
    assert "nothing listens there" in line
