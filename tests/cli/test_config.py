"""`config check`, and the file of variables that a unit and a command share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.cli import main
from festival_push.cli.env_file import BYTES_MAX, read_env_file
from festival_push.settings import SettingsError
from tests.support.layout import ROOT

UNIT = """
# the server's
FESTIVAL_PUSH_SERVER__ENVIRONMENT=production
FESTIVAL_PUSH_SERVER__PUBLIC_URL="https://pay.festival.example"
; one secret
export JWT_SECRET=4mY0cq7Gd1ZpR9xTf3LwVb8uJk2sNh6E
FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS='["whsec_GJ0rhq4kW1u6bQv9zXcTn2LpYs8dEfAM"]'
DATABASE_URL=postgresql://festival:hidden@db.internal/festival
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in, with the variables of a unit; the developer's own are back after the test."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "festival-push.env").write_text(UNIT)
    ours = ("PORT", "DATABASE_URL", "REDIS_URL", "JWT_SECRET")
    before = dict(os.environ)  # a command gives variables to the processes that it would start
    for name in before:
        if name.startswith("FESTIVAL_PUSH_") or name in ours:
            del os.environ[name]
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def test_what_is_given_is_shown_with_its_source_and_no_secret(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check", "--env-file", "festival-push.env"]) == 0
    printed = capsys.readouterr().out
    assert "server.environment = 'production'  # FESTIVAL_PUSH_SERVER__ENVIRONMENT (server.environment)\n" in printed
    assert "auth.jwt_secret = (secret)  # JWT_SECRET" in printed
    assert "database.url = postgresql://(with a password)" in printed
    assert "a server would start with these settings, in production" in printed
    assert not {"hidden", "4mY0", "GJ0r"} & {part for part in ("hidden", "4mY0", "GJ0r") if part in printed}
    assert "limits." not in printed, "defaults are not shown"


def test_of_the_shipped_settings_nothing_is_shown_but_what_a_variable_says(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = (ROOT / "config.toml").read_text("utf-8")
    (folder / "config.toml").write_text(shipped.replace('\nauth = "standard-webhooks"', '\nauth = "stripe"'))
    assert main(["config", "check"]) == 0
    shown = [line.partition(" = ")[0] for line in capsys.readouterr().out.splitlines() if " = " in line]
    assert shown == ["funds.zeffy.auth", "database.url"]


def test_all_that_would_stop_a_server_is_said_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (folder / "festival-push.env").open("a") as file:
        file.write("FESTIVAL_PUSH_SERVER__WORKERS=2\nFESTIVAL_PUSH_AUTH__JWKS_URL=http://id.example/jwks\n")
    assert main(["config", "check", "--env-file", "festival-push.env"]) == 2
    said = capsys.readouterr().err
    assert "server.workers" in said
    assert "auth.jwks_url" in said


def test_the_settings_file_is_named_by_a_variable_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "other.toml").write_text("[server]\nport = 81\n")
    monkeypatch.setenv("FESTIVAL_PUSH_CONFIG", "other.toml")
    assert main(["config", "check"]) == 0
    printed = capsys.readouterr().out
    assert f"settings file: {folder / 'other.toml'}" in printed
    assert "server.port = 81" in printed


@pytest.mark.parametrize(
    "line",
    [
        "NAME",
        "=x",
        "1A=x",
        "A B=c",
        "A='hidden",
        'A="x" y',
        "A='x' 'y'",
        r"A=hid\den",
        r'A="hidden\$"',
        r'A="hidden\`"',
    ],
)
def test_a_line_that_is_no_variable_is_named_and_not_quoted(tmp_path: Path, line: str) -> None:
    file = tmp_path / "unit.env"
    file.write_text(f"# first\n{line}\n")
    with pytest.raises(SettingsError, match="line 2: must be NAME=value") as caught:
        read_env_file(file)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff", b"A=" + b"x" * BYTES_MAX])
def test_what_is_no_such_file_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "unit.env").write_bytes(content)
    for name in ("unit.env", "missing.env"):
        with pytest.raises(SettingsError, match=name):
            read_env_file(tmp_path / name)


@given(
    values=st.lists(st.text(st.characters(codec="ascii", exclude_characters="'\n\r\x0b\x0c\x1c\x1d\x1e"), max_size=40))
)
def test_quoted_values_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, values: list[str]) -> None:
    file = tmp_path_factory.mktemp("env") / "unit.env"
    given = {f"NAME_{index}": value for index, value in enumerate(values)}
    file.write_text("".join(f"{name}='{value}'\n" for name, value in given.items()))
    assert read_env_file(file) == given


def test_secrets_in_files_are_shown_as_secrets_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url, secret = folder / "database-url", folder / "jwt-secret"
    url.write_text("postgresql://festival:hidden@db.internal/festival\n")
    secret.write_text("4mY0cq7Gd1ZpR9xTf3LwVb8uJk2sNh6E\n")
    (folder / "with.env").write_text(f"DATABASE_URL_FILE={url}\nJWT_SECRET_FILE={secret}\n")
    assert main(["config", "check", "--env-file", "with.env"]) == 0
    printed = capsys.readouterr().out
    assert f"database.url = postgresql://(with a password)  # DATABASE_URL_FILE={url} (database.url)\n" in printed
    assert f"auth.jwt_secret = (secret)  # JWT_SECRET_FILE={secret} (auth.jwt_secret)\n" in printed
    assert "hidden" not in printed
    assert "4mY0" not in printed


def test_a_url_in_a_file_gets_into_no_variable(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be seen there, and the workers, which load the settings once more, would find two of them."""
    path = folder / "database-url"
    path.write_text(f"sqlite:///{folder}/festival.db")
    monkeypatch.setenv("DATABASE_URL_FILE", str(path))
    for command in (["migrate"], ["user", "add", "customer", "Mia"], ["audit"]):
        assert main(command) == 0, capsys.readouterr().err
        assert "DATABASE_URL" not in os.environ
