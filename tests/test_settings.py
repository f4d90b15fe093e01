"""config.toml + environment -> Settings: everything documented, nothing unknown, nothing unsafe, no secret shown."""

from pathlib import Path

import msgspec
import pytest

from festival_push.settings import Secret, Settings, SettingsError, load_settings

CONFIG = Path(__file__).parents[1] / "config.toml"
SAFE = {
    "JWT_SECRET": "0123456789abcdefghijklmnopqrstuvwxyz",
    "FESTIVAL_PUSH_SERVER__ENVIRONMENT": "production",
    "FESTIVAL_PUSH_SERVER__PUBLIC_URL": "https://pay.festival.example",
}


def test_the_shipped_file_holds_every_setting_with_its_default() -> None:
    shipped = load_settings(CONFIG, {})
    plain = msgspec.structs.replace(shipped, funds={})
    assert plain == Settings(), "config.toml and the defaults differ"
    text = CONFIG.read_text("utf-8")
    for section in msgspec.structs.fields(Settings):
        for field in msgspec.structs.fields(section.type) if section.name != "funds" else ():
            secret = field.type is Secret
            assert secret or f"\n{field.name} = " in text, f"{section.name}.{field.name} is not in config.toml"


def test_the_environment_wins_and_the_precise_name_wins_over_the_conventional() -> None:
    environ = {"PORT": "81", "FESTIVAL_PUSH_SERVER__PORT": "82", "FESTIVAL_PUSH_BOARDS__PUBLIC": "true"}
    settings = load_settings(CONFIG, environ)
    assert settings.server.port == 82
    assert settings.boards.public is True


def test_lists_in_the_environment_are_json() -> None:
    environ = {"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["whsec_one", "whsec_two"]'}
    assert [key.reveal() for key in load_settings(CONFIG, environ).funds["zeffy"].secrets] == ["whsec_one", "whsec_two"]
    with pytest.raises(SettingsError, match="JSON list"):
        load_settings(CONFIG, {"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": "[whsec_one]"})


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("FESTIVAL_PUSH_SERVER__PROT", "1", "prot"),
        ("FESTIVAL_PUSH_SRVER__PORT", "1", "srver"),
        ("FESTIVAL_PUSH_SERVER__PORT__X", "1", "SERVER__PORT__X"),
        ("FESTIVAL_PUSH_LIMITS__AMOUNT_MAX", "0", "limits.amount_max"),
        ("FESTIVAL_PUSH_LIMITS__AMOUNT_MAX", "ten", "limits.amount_max"),
        ("FESTIVAL_PUSH_FESTIVAL__CURRENCY", "euro", "festival.currency"),
        ("FESTIVAL_PUSH_FESTIVAL__TIMEZONE", "Mars/Olympus", "festival.timezone"),
        ("FESTIVAL_PUSH_FESTIVAL__TIMEZONE", "Europe", "festival.timezone"),
        ("FESTIVAL_PUSH_STREAM__REPLAY_PAGE", "1001", "stream.replay_page"),
        ("FESTIVAL_PUSH_STREAM__HEARTBEAT_S", "0", "stream.heartbeat_s"),
        ("FESTIVAL_PUSH_STREAM__HEARTBEAT_S", "inf", "stream.heartbeat_s"),
        ("FESTIVAL_PUSH_AUTH__TOKEN_TTL_S", "99999999999999", "auth.token_ttl_s"),
        ("DATABASE_URL", "mysql://festival@db.internal/festival", "database.url"),
        ("DATABASE_URL", "sqlite:///", "database.url"),
        ("FESTIVAL_PUSH_DATABASE__READ_URL", "sqlite:///replica.db", "database.read_url"),
        ("REDIS_URL", "localhost:6379", "redis.url"),
        ("FESTIVAL_PUSH_SERVER__METRICS_FROM", '["everywhere"]', "metrics_from"),
        ("FESTIVAL_PUSH_SERVER__METRICS_FROM", '["10.0.0.1/8"]', "metrics_from"),
        ("FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES", '["*"]', "trusted_proxies"),
    ],
)
def test_a_wrong_setting_is_named(name: str, text: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(CONFIG, {name: text})


@pytest.mark.parametrize("password", ["hid/den", "hid#den", "hid?den"])
def test_a_password_that_breaks_a_url_is_not_shown(password: str) -> None:
    with pytest.raises(SettingsError, match=r"database\.url") as caught:
        load_settings(CONFIG, {"DATABASE_URL": f"postgresql://festival:{password}@db.internal/festival"})
    assert "hid" not in str(caught.value)


def test_a_provider_with_a_hyphen_can_be_named_in_the_environment() -> None:
    settings = load_settings(CONFIG, {"FESTIVAL_PUSH_FUNDS__MY_PAY__SECRETS": '["whsec_one"]'})
    assert [key.reveal() for key in settings.funds["my-pay"].secrets] == ["whsec_one"]


@pytest.mark.parametrize(
    "line",
    [
        '[auth]\njwt_secret = "x"',
        '[funds.zeffy]\nsecrets = ["x"]',
        '[database]\nurl = "postgresql://festival:x@db.internal/festival"',
        '[database]\nread_url = "postgresql://festival:x@db.internal/festival"',
        '[database]\nurl = "postgresql://festival@db.internal/festival?password=x"',
        '[redis]\nurl = "redis://:x@redis.internal/0"',
    ],
)
def test_a_secret_in_the_file_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(line)
    with pytest.raises(SettingsError, match="environment"):
        load_settings(path, {})


@pytest.mark.parametrize("content", [b"\xff", b"[server", b"[server]\nport = 1\nport = 2"])
def test_an_unreadable_file_is_an_error_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        load_settings(path, {})


def test_safe_production_settings_start() -> None:
    assert load_settings(CONFIG, SAFE).production


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"JWT_SECRET": ""}, "jwt_secret"),
        ({"JWT_SECRET": "short"}, "jwt_secret"),
        ({"JWT_SECRET": "x" * 64}, "variety"),
        ({"FESTIVAL_PUSH_SERVER__PUBLIC_URL": "http://pay.festival.example"}, "public_url"),
        ({"FESTIVAL_PUSH_SERVER__PUBLIC_URL": ""}, "public_url"),
        ({"FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS": '["*"]'}, "allowed_origins"),
        ({"FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES": '["10.0.0.1", "0.0.0.0/0"]'}, "trusted_proxies"),
        ({"FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES": '["::/0"]'}, "trusted_proxies"),
        ({"FESTIVAL_PUSH_SERVER__WORKERS": "2"}, "workers"),
        ({"FESTIVAL_PUSH_AUTH__JWKS_URL": "http://id.example/jwks"}, "jwks_url"),
        ({"FESTIVAL_PUSH_AUTH__JWKS_URL": "https://id.example/jwks"}, "jwks_issuer"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["short"]'}, "zeffy"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["{SAFE["JWT_SECRET"]}"]'}, "zeffy"),
        (
            {
                "FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["whsec_one_one_one_one_one"]',
                "FESTIVAL_PUSH_FUNDS__OTHER__SECRETS": '["whsec_one_one_one_one_one"]',
            },
            "another provider",
        ),
    ],
)
def test_production_refuses_what_is_unsafe(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(CONFIG, SAFE | change)


def test_the_shipped_file_alone_does_not_start_in_production() -> None:
    with pytest.raises(SettingsError, match="JWT_SECRET"):
        load_settings(CONFIG, {"FESTIVAL_PUSH_SERVER__ENVIRONMENT": "production"})


def test_no_secret_shows_in_repr_or_error() -> None:
    environ = SAFE | {"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["whsec_hidden_hidden_hidden"]'}
    assert "hidden" not in repr(load_settings(CONFIG, environ))
    assert SAFE["JWT_SECRET"] not in repr(load_settings(CONFIG, environ))
    with pytest.raises(SettingsError) as caught:
        load_settings(CONFIG, {"FESTIVAL_PUSH_AUTH__JWT_SECRET": '["whsec_hidden"]'})
    assert "hidden" not in str(caught.value)
