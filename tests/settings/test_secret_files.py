"""`<VARIABLE>_FILE`: a file's text is as good as the variable's, and no error shows any of it."""

import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_push.settings import Settings, SettingsError, load_settings
from festival_push.settings.secret_files import BYTES_MAX, read_secret_file
from festival_push.settings.sources import read_sources

SECRET: Final = "4mY0cq7Gd1ZpR9xTf3LwVb8uJk2sNh6E"
OTHER: Final = "nV5tQ2wK8rXb1LzC7fYp4JdH9mGs3TaU"
POSTGRES: Final = "postgresql://festival:p4ss@db.internal/festival"
REDIS: Final = "rediss://:p4ss@redis.internal:6379/0"
WHSEC: Final = '["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]'
ZEFFY: Final = "FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS"
PLAIN: Final = {"DATABASE_URL": "sqlite:///own.db"}
VARIABLES: Final = [
    ("JWT_SECRET", SECRET),
    ("JWT_SECRET", json.dumps([SECRET, OTHER])),
    ("DATABASE_URL", POSTGRES),
    ("REDIS_URL", REDIS),
    ("FESTIVAL_PUSH_AUTH__JWT_SECRET", SECRET),
    ("FESTIVAL_PUSH_DATABASE__URL", POSTGRES),
    ("FESTIVAL_PUSH_DATABASE__READ_URL", POSTGRES),
    ("FESTIVAL_PUSH_REDIS__URL", REDIS),
    (ZEFFY, WHSEC),
    ("FESTIVAL_PUSH_FUNDS__MY_PAY__SECRETS", WHSEC),
]


def load(environ: dict[str, str]) -> Settings:
    return load_settings(None, {**({} if any("DATABASE" in name for name in environ) else PLAIN), **environ})


def written(folder: Path, text: str, name: str = "secret") -> str:
    """Put the text into a file. Return its path."""
    (folder / name).write_text(text, newline="")
    return str(folder / name)


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        load(environ)
    return str(refused.value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize(("variable", "text"), VARIABLES)
def test_a_file_is_as_good_as_the_variable(tmp_path: Path, variable: str, text: str, end: str) -> None:
    assert load({f"{variable}_FILE": written(tmp_path, text + end)}) == load({variable: text})


@given(text=st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=200))
def test_whatever_the_text_is_nothing_but_one_line_end_is_lost(text: str) -> None:
    with tempfile.NamedTemporaryFile() as file:
        for end in (b"\n", b"\r\n"):
            Path(file.name).write_bytes(text.encode() + end)
            stripped = text.removesuffix("\r") if end == b"\n" else text
            if stripped:
                assert read_secret_file(file.name) == stripped


def test_a_file_has_a_bound_and_may_be_as_long(tmp_path: Path) -> None:
    path = written(tmp_path, "x" * BYTES_MAX)
    assert read_secret_file(path) == "x" * BYTES_MAX
    written(tmp_path, "x" * BYTES_MAX + "\n")
    with pytest.raises(ValueError, match=f"^{re.escape(path)} is larger than {BYTES_MAX} bytes$"):
        read_secret_file(path)


def _nothing(path: Path) -> None:
    """Make no file."""


BROKEN: Final[list[tuple[Callable[[Path], object], str]]] = [
    (_nothing, ": No such file or directory"),
    (Path.mkdir, " is no file"),
    (os.mkfifo, " is no file"),  # and nobody waits for who may write into it
    (lambda path: path.symlink_to("/dev/zero"), " is no file"),
    (lambda path: path.symlink_to(path), ": Too many levels of symbolic links"),
    (lambda path: path.write_bytes(b""), " is empty"),
    (lambda path: path.write_bytes(b"\n"), " is empty"),
    (lambda path: path.write_bytes(SECRET.encode() + b"\xff"), " is not UTF-8"),
    (lambda path: path.write_bytes(SECRET.encode() + b"\0"), " is no text"),
    (lambda path: path.write_bytes(SECRET.encode() * 1000), " is larger than 16384 bytes"),
    # Read well, it is no value:
    (lambda path: path.write_bytes(b"[" + SECRET.encode()), ": not a JSON list of strings or whole numbers"),
]


@pytest.mark.parametrize(("make", "said"), BROKEN)
@pytest.mark.parametrize("variable", ["JWT_SECRET_FILE", f"{ZEFFY}_FILE"])
def test_a_file_that_gives_nothing_is_named_and_never_quoted(
    tmp_path: Path, variable: str, make: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "secret"
    make(path)
    text = refusal({variable: str(path)})
    assert text.startswith(variable)
    assert str(path) in text
    assert text.endswith(said)
    assert SECRET not in text


@pytest.mark.parametrize("misplaced", [SECRET, POSTGRES, "secret", "./secret", ""])
def test_what_is_no_path_is_not_shown_for_it_may_be_the_secret(misplaced: str) -> None:
    """Nor a path that depends on the working directory; commands are called in others than the server."""
    said = "FESTIVAL_PUSH_AUTH__JWT_SECRET_FILE (auth.jwt_secret): must be the path of a file, from / on"
    assert refusal({"FESTIVAL_PUSH_AUTH__JWT_SECRET_FILE": misplaced}) == said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("JWT_SECRET", "JWT_SECRET_FILE"),
        ("JWT_SECRET", "FESTIVAL_PUSH_AUTH__JWT_SECRET_FILE"),
        ("FESTIVAL_PUSH_AUTH__JWT_SECRET", "JWT_SECRET_FILE"),
        ("FESTIVAL_PUSH_AUTH__JWT_SECRET", "FESTIVAL_PUSH_AUTH__JWT_SECRET_FILE"),
    ],
)
def test_a_text_and_a_file_for_one_setting_are_refused(tmp_path: Path, one: str, other: str) -> None:
    text = refusal({one: SECRET, other: written(tmp_path, OTHER)})
    assert one in text
    assert other in text
    assert text.endswith("take one of the two away")
    assert SECRET not in text
    assert OTHER not in text


def test_a_conventional_name_that_is_empty_gives_nothing(tmp_path: Path) -> None:
    assert load({"JWT_SECRET": "", "JWT_SECRET_FILE": written(tmp_path, SECRET)}) == load({"JWT_SECRET": SECRET})
    assert load({"JWT_SECRET": SECRET, "JWT_SECRET_FILE": ""}) == load({"JWT_SECRET": SECRET})


def test_of_two_files_the_precise_name_wins(tmp_path: Path) -> None:
    files = {
        "JWT_SECRET_FILE": written(tmp_path, OTHER, "conventional"),
        "FESTIVAL_PUSH_AUTH__JWT_SECRET_FILE": written(tmp_path, SECRET, "precise"),
    }
    assert load(files) == load({"JWT_SECRET": SECRET})


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("FESTIVAL_PUSH_SERVER__PORT_FILE", "FESTIVAL_PUSH_SERVER__PORT"),  # is no secret
        ("FESTIVAL_PUSH_FUNDS__ZEFFY__AUTH_FILE", "FESTIVAL_PUSH_FUNDS__ZEFFY__AUTH"),
        ("FESTIVAL_PUSH_AUTH_JWT_SECRET_FILE", "FESTIVAL_PUSH_AUTH__JWT_SECRET_FILE"),
        ("FESTIVAL_PUSH_AUTH__JWT_SECRETS_FILE", "FESTIVAL_PUSH_AUTH__JWT_SECRET_FILE"),
        ("FESTIVAL_PUSH_FUNDS__ZEFFY__SECRET_FILE", "FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS_FILE"),
        ("FESTIVAL_PUSH_DATABASE_URL_FILE", "FESTIVAL_PUSH_DATABASE__URL_FILE"),
        ("festival_push_redis__url_file", "FESTIVAL_PUSH_REDIS__URL_FILE"),
    ],
)
def test_a_near_miss_says_which_variable_was_meant(tmp_path: Path, variable: str, meant: str) -> None:
    complaint = refusal({variable: written(tmp_path, SECRET)})
    assert complaint.endswith(f"there is no such setting; did you mean {meant}?")


def test_variables_of_others_that_end_alike_are_theirs() -> None:
    assert load({"PORT_FILE": "/run/other", "OTHER_FILE": "/run/other"}) == load({})


def test_what_is_wrong_with_the_text_names_the_variable_and_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "mysql://festival:p4ss@db.internal/festival")
    text = refusal({"DATABASE_URL_FILE": path})
    assert text.startswith(f"DATABASE_URL_FILE={path} (database.url): must begin with sqlite:///")
    assert "p4ss" not in text


def test_it_is_known_which_settings_are_in_files(tmp_path: Path) -> None:
    sources = read_sources(None, {"DATABASE_URL_FILE": written(tmp_path, POSTGRES), "JWT_SECRET": SECRET})
    assert sources.is_in_file("database", "url")
    assert not sources.is_in_file("auth", "jwt_secret")
    assert not sources.is_in_file("redis", "url")
