"""What the old `.env` and `src/index.js` set."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import jwt

from tests.support.ground import Ground
from tests.support.servers import processes
from tests.support.servers.ports import free_port
from tests.support.servers.server import JWT_SECRET, ROOT, ServerProcess
from tests.support.servers.sqlite import opened
from tests.support.timing.waiting import until_sync


async def test_jwt_secret(ground: Ground) -> None:
    anna = await ground.customer()
    claims = jwt.decode(anna.token, JWT_SECRET, algorithms=["HS256"], audience="festival-push")
    assert claims["sub"] == anna.user_id
    forged = jwt.encode(claims, "another-secret-0123456789-abcdefghijk", algorithm="HS256")
    assert (await ground.get("/v1/me", who=anna)).status_code == 200
    answer = await ground.http.get(ground.url() + "/v1/me", headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code == 401


async def test_database_url(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, database_url=f"sqlite:///{tmp_path}/elsewhere.db") as server:
        async with Ground([server]) as ground:
            anna = await ground.customer(funds=500)
        with opened(tmp_path / "elsewhere.db") as file:
            found = file.execute("SELECT balance FROM accounts WHERE account_id = ?", (f"user:{anna.user_id}",))
            rows = found.fetchall()
        assert rows == [(500,)]


def test_port_and_start(tmp_path: Path) -> None:
    port = free_port()
    environ = {name: text for name, text in os.environ.items() if not name.startswith("FESTIVAL_PUSH_")}
    environ |= {
        "PORT": str(port),
        "FESTIVAL_PUSH_SERVER__OPS_LISTEN": "",
        "DATABASE_URL": f"sqlite:///{tmp_path}/festival.db",
        "JWT_SECRET": JWT_SECRET,
    }
    log = tmp_path / "log"
    command = [sys.executable, "-m", "festival_push", "serve", "--config", str(ROOT / "config.toml")]
    with log.open("wb") as out:
        process: subprocess.Popen[bytes] = processes.start(command, log=out, env=environ)
    try:
        until_sync(lambda: f"listening on http://127.0.0.1:{port}" in log.read_text(), within_s=120)
        assert httpx2.get(f"http://127.0.0.1:{port}/readyz", timeout=120, trust_env=False).is_success
    finally:
        processes.end(process, signal.SIGTERM)


async def test_allowed_origins(tmp_path: Path) -> None:
    origin = "https://app.festival.example"
    with ServerProcess(tmp_path, settings={"SERVER__ALLOWED_ORIGINS": f'["{origin}"]'}) as server:
        async with Ground([server]) as ground:
            anna = await ground.customer()
            for method in ("GET", "POST"):
                asked = {"Origin": origin, "Access-Control-Request-Method": method}
                answer = await ground.http.options(f"{server.url}/v1/orders", headers=asked)
                assert answer.headers["access-control-allow-origin"] == origin
                assert answer.headers["access-control-allow-credentials"] == "true"
                assert method in answer.headers["access-control-allow-methods"]
            answer = await ground.http.get(f"{server.url}/v1/me", headers=anna.bearer | {"Origin": origin})
            assert answer.headers["access-control-allow-origin"] == origin
            stranger = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
            answer = await ground.http.options(f"{server.url}/v1/orders", headers=stranger)
            assert "access-control-allow-origin" not in answer.headers
