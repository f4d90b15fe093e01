"""The generated secrets of a development server."""

import re
import stat
from pathlib import Path

import pytest

from festival_push.settings import Settings, SettingsError, load_settings
from festival_push.settings.development import development_secrets

SIGNING = "development-secret"
WEBHOOK = "development-secret-zeffy"
PRODUCTION = {
    "FESTIVAL_PUSH_SERVER__ENVIRONMENT": "production",
    "FESTIVAL_PUSH_SERVER__PUBLIC_URL": "https://pay.festival.example",
    "JWT_SECRET": "4mY0cq7Gd1ZpR9xTf3LwVb8uJk2sNh6E",
}


def settings_in(folder: Path, **environ: str) -> Settings:
    given = {"DATABASE_URL": f"sqlite:///{folder}/festival.db", "FESTIVAL_PUSH_FUNDS__ZEFFY__AUTH": "standard-webhooks"}
    return development_secrets(load_settings(None, given | environ))


def test_the_secrets_are_made_once_and_are_nobody_elses(tmp_path: Path) -> None:
    first, second = settings_in(tmp_path), settings_in(tmp_path)
    assert first == second
    assert first.auth.jwt_secret.reveal() == (tmp_path / SIGNING).read_text()
    assert [secret.reveal() for secret in first.funds["zeffy"].secrets] == [(tmp_path / WEBHOOK).read_text()]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", (tmp_path / WEBHOOK).read_text())
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {
        SIGNING: 0o600,
        WEBHOOK: 0o600,
    }


def test_each_provider_has_its_own_secret(tmp_path: Path) -> None:
    funds = settings_in(tmp_path, FESTIVAL_PUSH_FUNDS__OTHER__AUTH="bearer").funds
    assert funds["zeffy"].secrets != funds["other"].secrets


def test_what_was_set_stays(tmp_path: Path) -> None:
    secrets = {"JWT_SECRET": "j" * 40, "FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["whsec_one"]'}
    settings = settings_in(tmp_path, **secrets)
    assert settings.auth.jwt_secret.reveal() == "j" * 40
    assert [secret.reveal() for secret in settings.funds["zeffy"].secrets] == ["whsec_one"]
    assert not list(tmp_path.iterdir())


def test_production_makes_none(tmp_path: Path) -> None:
    assert settings_in(tmp_path, **PRODUCTION).funds["zeffy"].secrets == ()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [SIGNING, WEBHOOK])
@pytest.mark.parametrize("content", ["", "short"])
def test_a_development_secret_that_is_cut_off_is_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SettingsError, match=f"{name}:"):
        settings_in(tmp_path)


def test_a_secret_that_others_could_read_is_closed_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = settings_in(tmp_path)
    assert caplog.records == []
    (tmp_path / SIGNING).chmod(0o644)
    assert settings_in(tmp_path) == first
    assert stat.S_IMODE((tmp_path / SIGNING).stat().st_mode) == 0o600
    assert len(caplog.records) == 1
    assert SIGNING in caplog.text


def test_a_secret_that_stays_open_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_in(tmp_path)
    (tmp_path / SIGNING).chmod(0o644)

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.chmod", refused)
    with pytest.raises(SettingsError, match="others can read it"):
        settings_in(tmp_path)
