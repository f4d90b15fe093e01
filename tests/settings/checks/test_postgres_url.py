"""URLs of PostgreSQL as operators write them are taken; others are refused with the reason, and without a password."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from asyncpg import connect_utils
from hypothesis import given
from hypothesis import strategies as st

from festival_push.settings.checks.postgres_url import check_postgres_url
from festival_push.settings.loading import load_settings
from festival_push.settings.sources import SettingsError
from festival_push.store.postgres.connecting import one_by_one

PARSE: Any = vars(connect_utils)["_parse_connect_dsn_and_args"]
OTHERS = (
    "host", "port", "user", "password", "passfile", "database", "ssl", "service", "servicefile", "direct_tls",
    "server_settings", "target_session_attrs", "krbsrvname", "gsslib",
)  # fmt: skip
"""What the driver may be given beside a URL."""


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://festival@db.internal/festival",
        "postgres://u:p%40ss%23@db.internal:6432/festival",
        "postgresql://u:p@h1:5432,h2:5433,h3/f?target_session_attrs=read-write",
        "postgresql://u@[::1]:5432,[fe80::1]/f",
        "postgresql://u@%2Frun%2Fpostgresql/f",
        "postgresql:///f?host=/run/postgresql&port=5433",
        "postgresql:///f?host=h1,h2&port=5432,5433&user=u&password=p",
        "postgresql://h/f?sslmode=require&application_name=kiosk&options=-csearch_path%3Dpush",
        "postgresql://u@h1,h2/f?target_session_attrs=any",
    ],
)
def test_a_form_of_libpq_is_taken(url: str) -> None:
    check_postgres_url(url, writes=True)
    assert load_settings(None, {"DATABASE_URL": url}).database.url == url
    for each in one_by_one(url):  # the driver reads it too
        addresses, _ = PARSE(dsn=each, **dict.fromkeys(OTHERS))
        assert len(addresses) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:pa@ss@h/f", "special characters .* %XX"),
        ("postgresql://u:pa:ss@h/f", "special characters .* %XX"),
        ("postgresql://u:pa#ss@h/f", "%XX"),
        ("postgresql://u:pa/ss@h/f", "%XX"),
        ("postgresql://u:p@h:54x2/f", "port is a whole number"),
        ("postgresql://h1:5432,h2:99999/f", "port is a whole number"),
        ("postgresql://h:/f", "port is a whole number"),
        ("postgresql://h1,,h2/f", "without a host"),
        ("postgresql://u@:5432/f", "without a host"),
        ("postgresql://::1/f", "IPv6|port"),
        ("postgresql://[::1/f", "can't be read"),
        ("postgresql://h/f?sslmode=on", "sslmode must be one of disable"),
        ("postgresql://h/f?target_session_attrs=master", "target_session_attrs must be one of any"),
        ("postgresql://h/f?target_session_attrs=prefer-standby", "take no writes: use read-write"),
        ("postgresql://h/f?connect_timeout=3", "connect_timeout is not known"),
        ("postgresql://h/f?tcp_user_timeout=3", "tcp_user_timeout is not known"),
        ("postgresql://h/f?service=festival", "service is not supported"),
        ("postgresql://h/f?host=other", "names hosts twice"),
        ("postgresql:///f?host=h1,h2,h3&port=1,2", "one port for all hosts"),
        ("postgresql://h/f?sslrootcert=/not/here.crt", "sslrootcert: /not/here.crt is not there"),
        ("postgresql://h/f?passfile=/not/here", "passfile: /not/here is not there"),
        ("postgresql://h/f?sslmode", "can't be read"),
    ],
)
def test_what_is_wrong_is_said(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=rf"^DATABASE_URL \(database.url\): .*({said})") as error:
        load_settings(None, {"DATABASE_URL": url})
    assert "ss@" not in str(error.value)


def test_an_authority_must_be_named_to_be_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    with pytest.raises(ValueError, match="needs sslrootcert=FILE"):
        check_postgres_url("postgresql://h/f?sslmode=verify-full", writes=True)
    (tmp_path / "ca.crt").touch()
    check_postgres_url(f"postgresql://h/f?sslmode=verify-full&sslrootcert={tmp_path}/ca.crt", writes=True)


def test_a_replica_may_be_a_standby() -> None:
    check_postgres_url("postgresql://h1,h2/f?target_session_attrs=prefer-standby", writes=False)


@given(st.text(max_size=60))
def test_nothing_but_a_reason_comes_out_of_any_text(text: str) -> None:
    with suppress(SettingsError):
        load_settings(None, {"DATABASE_URL": f"postgresql://{text}"})
