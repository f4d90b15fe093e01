"""Clients that other people's generators make of our contract: they compile, and they work."""

import json
import os
import sys
from pathlib import Path
from typing import Final

from tests.browser.hosts import MODULES, finished, run_module, run_script
from tests.browser.test_types import STRICT
from tests.support.contract import OPENAPI
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess

HERE: Final = Path(__file__).parent
NO_MODELS: Final = ("image/svg+xml", "image/png", "application/xml")
"""What routes answer for people and banks: the Python generator knows JSON and text only, and says so."""


async def test_openapi_typescript_makes_a_client_that_buys(tmp_path: Path) -> None:
    program = compiled(tmp_path)
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground:
            stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=2_000)
            said = json.loads(run_script(program, server.url, anna.token, stall.vendor_id, stall.items["wrap"]))
    assert said == {"before": 2_000, "total": 1_500, "listed": 1, "refused": "not-found"}


async def test_openapi_python_client_makes_a_client_that_buys(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(OPENAPI))
    arguments = ("--path", "openapi.json", "--meta", "none", "--output-path", "made")
    told = _python(tmp_path, "-m", "openapi_python_client", "generate", *arguments)
    warnings = [line for line in told.splitlines() if line.startswith(("Cannot", "Could", "Unable"))]
    assert [line for line in warnings if not any(kind in line for kind in NO_MODELS)] == []
    assert "Endpoint will not be generated" not in told

    program = HERE / "buy.py"
    _python(tmp_path, "-m", "mypy", "--cache-dir", str(tmp_path / "mypy"), "--config-file=", str(program))
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground:
            stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=2_000)
            wish = (server.url, anna.token, stall.vendor_id, stall.items["wrap"])
            said = json.loads(_python(tmp_path, str(program), *wish))
    assert said == {"before": 2_000, "total": 1_500, "listed": 1, "refused": "not-found"}


def _python(folder: Path, *command: str) -> str:
    """Run Python in a folder whose modules it finds; what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "MYPYPATH": str(folder), "COLUMNS": "500", "NO_COLOR": "1"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])  # it calls ruff
    done = finished([sys.executable, *command], environment, folder)
    return done.stdout + done.stderr


def compiled(folder: Path) -> Path:
    """The program of `buy.ts`, with the types made from the document, as TypeScript accepted it."""
    (folder / "openapi.json").write_text(json.dumps(OPENAPI))
    run_module("openapi-typescript", str(folder / "openapi.json"), "--output", str(folder / "api.d.ts"))
    (folder / "buy.ts").write_text((HERE / "buy.ts").read_text())
    (folder / "node_modules").symlink_to(MODULES)
    options = {**STRICT, "skipLibCheck": True, "noEmit": True}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["buy.ts"]}))
    run_module("tsc", "--project", str(folder))
    made = folder / "buy.mjs"
    run_module("esbuild", str(folder / "buy.ts"), "--bundle", "--format=esm", "--platform=node", f"--outfile={made}")
    return made
