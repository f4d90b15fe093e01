"""Several signing secrets, in real processes: a rotation that ends nobody's session, and servers that don't fit."""

import asyncio
import json
from pathlib import Path

import httpx2

from tests.faults.conftest import Serve
from tests.support.ground import Ground
from tests.support.servers import processes
from tests.support.servers.server import JWT_SECRET, ServerProcess
from tests.support.timing.waiting import until_sync

NEW = "another-0123456789-abcdefghij-for-tests"
BOTH = json.dumps([NEW, JWT_SECRET])


def beside(server: ServerProcess, home: Path, secret: str) -> ServerProcess:
    """Another server over the same database, which has not begun."""
    other = ServerProcess(home, database_url=server.database_url)
    other.environ["JWT_SECRET"] = secret
    return other


def refused_start(server: ServerProcess) -> str:
    """What a server that does not begin says; it ends with exit code 2."""
    server.launch()
    until_sync(lambda: server.exit_code is not None, within_s=processes.READY_WITHIN_S, message="it ends")
    assert server.exit_code == 2
    return server.read_log()


async def test_a_server_with_other_secrets_does_not_begin_beside_one_that_runs(
    serve: Serve, database_url: str | None, tmp_path: Path
) -> None:
    first = serve(database_url=database_url)
    said = await asyncio.to_thread(refused_start, beside(first, tmp_path, NEW))
    assert "other secrets" in said
    assert "Traceback" not in said
    assert NEW not in said
    assert JWT_SECRET not in said
    with beside(first, tmp_path, BOTH) as second:  # a rotation
        assert httpx2.get(f"{second.url}/readyz").status_code == 200
    first.terminate()
    with beside(first, tmp_path, NEW) as alone:  # nobody serves it any more
        assert httpx2.get(f"{alone.url}/readyz").status_code == 200


async def test_sessions_and_displays_live_through_a_rotation(serve: Serve) -> None:
    async with Ground([serve()]) as ground:
        [server] = ground.servers
        stall, anna = await ground.stall(), await ground.customer()
        screen = (await ground.screen(stall)).token
        printed = server.command("token", anna.user_id)
        server.terminate()
        server.environ["JWT_SECRET"] = BOTH
        server.start()
        signed_in = await ground.http.post(
            f"{ground.url()}/v1/auth/renew", headers={"Authorization": f"Bearer {anna.token}"}
        )
        assert signed_in.status_code == 200, signed_in.text
        board = f"{ground.url()}/v1/boards/{stall.vendor_id}"
        for url, token in ((f"{ground.url()}/v1/me", anna.token), (f"{ground.url()}/v1/me", printed), (board, screen)):
            answer = await ground.http.get(url, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200, answer.text
        server.terminate()
        server.environ["JWT_SECRET"] = NEW
        server.start()
        for url, token, status in ((f"{ground.url()}/v1/me", signed_in.json()["token"], 200), (board, screen, 401)):
            answer = await ground.http.get(url, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == status, answer.text
