"""Clients that other people's generators make of our contract: they compile, and they work."""

import json
from pathlib import Path
from typing import Final

from tests.browser.hosts import MODULES, run_module, run_script
from tests.browser.test_types import STRICT
from tests.support.contract import OPENAPI
from tests.support.ground import Ground
from tests.support.servers.server import ServerProcess

HERE: Final = Path(__file__).parent


async def test_openapi_typescript_makes_a_client_that_buys(tmp_path: Path) -> None:
    program = compiled(tmp_path)
    with ServerProcess(tmp_path) as server:
        async with Ground([server]) as ground:
            stall, anna = await ground.stall(prices={"wrap": 750}), await ground.customer(funds=2_000)
            said = json.loads(run_script(program, server.url, anna.token, stall.vendor_id, stall.items["wrap"]))
    assert said == {"before": 2_000, "total": 1_500, "listed": 1, "refused": "not-found"}


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
