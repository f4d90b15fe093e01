"""The page about payment providers: its settings are taken, its lines are run, and the server answers as it says."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
import pytest

from tests.support.servers.server import ROOT, ServerProcess

PAGE: Final = (ROOT / "docs/providers.md").read_text("utf-8")
FENCED: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS: Final = {part.splitlines()[0]: FENCED.findall(part) for part in PAGE.split("\n## ")[1:] if "```json" in part}
PATIENCE_S: Final = 60.0
PIN: Final = "739146"


def blocks(kind: str) -> list[str]:
    return [text for name, text in FENCED.findall(PAGE) if name == kind]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with the page's settings beside the shipped ones."""
    home = tmp_path_factory.mktemp("providers")
    config = home / "config.toml"
    config.write_text((ROOT / "config.toml").read_text("utf-8") + "\n" + "\n".join(blocks("toml")))
    exported = dict(
        shlex.split(line)[1].split("=", 1) for text in blocks("sh") for line in text.splitlines() if "export" in line
    )
    assert len(exported) == 5
    settings = {name.removeprefix("FESTIVAL_PUSH_"): text for name, text in exported.items()}
    with ServerProcess(home, settings=settings, config=config) as running:
        yield running


def guest(url: str) -> tuple[str, dict[str, str]]:
    """The top-up code of somebody new, and the header that is theirs."""
    made = httpx2.post(f"{url}/v1/auth/register", json={"name": "Anna", "pin": PIN}, trust_env=False).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    return profile(url, bearer)["topUpCode"], bearer


def profile(url: str, bearer: dict[str, str]) -> dict[str, Any]:
    answer = httpx2.get(f"{url}/v1/me", headers=bearer, trust_env=False)
    return msgspec.json.decode(answer.content, type=dict[str, Any])


BALANCES: Final = {
    "Stripe": 1_250 - 500,
    "Zeffy by Zapier": 1_250 + 750,
    "Standard Webhooks": 1_250,
    "Relays that show a secret": 600,
    "Without a preset": 1_250,
}


def test_every_recipe_has_its_balance() -> None:
    assert set(SECTIONS) == set(BALANCES)


def play(server: ServerProcess, folder: Path, section: str) -> None:
    """Run the lines of a section; they do what the page says."""
    code, bearer = guest(server.url)
    script = folder / "lines.sh"
    script.write_text("".join(text for name, text in SECTIONS[section] if name == "sh"), "utf-8")
    done = subprocess.run(
        ["bash", "-eu", str(script)], env=os.environ | {"URL": server.url, "CODE": code, "NO_PROXY": "*"},
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{section}: {done.stderr}"
    answered = [msgspec.json.decode(line)["status"] for line in done.stdout.splitlines()]
    said = [
        msgspec.json.decode(line)["status"]
        for name, text in SECTIONS[section] if name == "json" for line in text.splitlines()
    ]  # fmt: skip
    assert answered == said, section
    assert profile(server.url, bearer)["balance"] == BALANCES[section], section


def test_the_lines_do_what_the_page_says_and_the_ledger_keeps_every_promise(
    server: ServerProcess, tmp_path: Path
) -> None:
    for section in SECTIONS:
        play(server, tmp_path, section)
    server.audit()
    assert "is kept unread" in server.read_log()


def test_a_mapping_that_would_credit_refunds_is_warned_of_at_the_start(tmp_path: Path) -> None:
    mapped = {"FUNDS__ZEFFY__STATUS": "data.object.status", "FUNDS__ZEFFY__ID": "data.object.id"}
    with ServerProcess(tmp_path, settings=mapped) as running:
        assert "funds.zeffy.event: the provider seems to report events of several types" in running.read_log()
