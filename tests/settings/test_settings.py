"""config.toml + environment -> Settings: everything documented, nothing unknown, nothing unsafe, no secret shown."""

import base64
import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from festival_push.settings import (
    DatabaseSettings,
    Festival,
    FundsProvider,
    Limits,
    Secret,
    Secrets,
    Settings,
    SettingsError,
    load_settings,
)
from festival_push.settings.expectations import expected

CONFIG: Final = Path(__file__).parents[2] / "config.toml"
OWN: Final = "sqlite:///own.db"
SAFE = {
    "JWT_SECRET": "4mY0cq7Gd1ZpR9xTf3LwVb8uJk2sNh6E",
    "FESTIVAL_PUSH_SERVER__ENVIRONMENT": "production",
    "FESTIVAL_PUSH_SERVER__PUBLIC_URL": "https://pay.festival.example",
}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where nothing names a database, the folder says what is there."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_the_shipped_file_holds_every_setting_with_its_default() -> None:
    shipped = load_settings(CONFIG, {"DATABASE_URL": OWN})
    plain = msgspec.structs.replace(shipped, funds={})
    assert plain == Settings(database=DatabaseSettings(url=OWN)), "config.toml and the defaults differ"
    text = CONFIG.read_text("utf-8")
    for section in msgspec.structs.fields(Settings):
        for field in msgspec.structs.fields(section.type) if section.name != "funds" else ():
            secret = field.type is Secrets
            assert secret or f"\n{field.name} = " in text, f"{section.name}.{field.name} is not in config.toml"


def test_the_environment_wins_and_the_precise_name_wins_over_the_conventional() -> None:
    environ = {"PORT": "81", "FESTIVAL_PUSH_SERVER__PORT": "82", "FESTIVAL_PUSH_BOARDS__PUBLIC": "true"}
    settings = load_settings(CONFIG, environ)
    assert settings.server.port == 82
    assert settings.boards.public is True


def test_where_nothing_names_a_database_the_environment_has_its_own(empty_folder: Path) -> None:
    assert load_settings(CONFIG, {}).database.url == "sqlite:///var/demo.db"
    assert load_settings(CONFIG, SAFE).database.url == "sqlite:///var/festival.db"
    assert load_settings(CONFIG, {"DATABASE_URL": OWN}).database.url == OWN


@pytest.mark.parametrize("beside", ["festival.db", "demo.db"])
def test_nobody_guesses_between_a_festival_and_the_demos(empty_folder: Path, beside: str) -> None:
    (empty_folder / "var").mkdir()
    for name in {"festival.db", beside}:
        (empty_folder / "var" / name).touch()
    assert load_settings(CONFIG, SAFE).database.url == "sqlite:///var/festival.db"
    with pytest.raises(SettingsError, match=r"set DATABASE_URL=sqlite:///var/festival\.db .*demo\.db for the demo's"):
        load_settings(CONFIG, {})
    for url in ("sqlite:///var/festival.db", "sqlite:///var/demo.db"):
        assert load_settings(CONFIG, {"DATABASE_URL": url}).database.url == url
        assert load_settings(CONFIG, {}, database_url=url).database.url == url
        assert load_settings(CONFIG, {"DATABASE_URL": OWN}, database_url=url).database.url == OWN


def test_lists_in_the_environment_are_json() -> None:
    environ = {"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["whsec_one", "whsec_two"]'}
    assert [key.reveal() for key in load_settings(CONFIG, environ).funds["zeffy"].secrets] == ["whsec_one", "whsec_two"]
    with pytest.raises(SettingsError, match="JSON list"):
        load_settings(CONFIG, {"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": "[whsec_one]"})


@pytest.mark.parametrize(
    ("variable", "text", "setting", "said"),
    [
        ("PORT", "abc", "server.port", "a whole number from 1 to 65535"),
        ("PORT", "65536", "server.port", "a whole number from 1 to 65535"),
        ("FESTIVAL_PUSH_SERVER__PORT", "-1", "server.port", "a whole number from 1 to 65535"),
        ("FESTIVAL_PUSH_SERVER__PROT", "1", "server.prot", "no such setting; did you mean FESTIVAL_PUSH_SERVER__PORT"),
        (
            "FESTIVAL_PUSH_SERVER_ENVIRONMENT",
            "production",
            "server_environment",
            "no such setting; did you mean FESTIVAL_PUSH_SERVER__ENVIRONMENT",
        ),
        ("FESTIVAL_PUSH_DATABASE_URL", "x", "database_url", "did you mean FESTIVAL_PUSH_DATABASE__URL"),
        ("FESTIVAL_PUSH_FUNDS__ZEFFY__SECRET", "x", "funds.zeffy.secret", "mean FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS"),
        ("FESTIVAL_PUSH_FUNDS", "x", "funds", "must be a section"),
        ("festival_push_server__port", "1", "festival_push_server__port", "mean FESTIVAL_PUSH_SERVER__PORT"),
        ("FESTIVAL_PUSH_COLOUR", "blue", "colour", "there is no such setting$"),
        (
            "FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS",
            '["https://app.example/"]',
            "server.allowed_origins",
            "no / after it",
        ),
        ("FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS", '["app.example"]', "server.allowed_origins", "as browsers send it"),
        ("FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS", '["https://App.example"]', "server.allowed_origins", "small letters"),
        (
            "FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS",
            '["https://a.example:443"]',
            "server.allowed_origins",
            "without :443",
        ),
        ("FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS", '["https://*.example"]', "server.allowed_origins", "no wildcard"),
        ("FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS", '["null"]', "server.allowed_origins", "never let in"),
        ("FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS", '["*"]', "server.allowed_origins", "no wildcard"),
        ("FESTIVAL_PUSH_AUTH__JWKS_URL", "http://id.example/jwks", "auth.jwks_url", "must be https://"),
        (
            "JWT_SECRET",
            '{"kty":"oct","k":"b29vb29vb29vb29vb29vb29vb29vb29vb29v"}',
            "auth.jwt_secret",
            "no secret to sign by",
        ),
        ("JWT_SECRET", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm", "auth.jwt_secret", "no secret to sign by"),
        ("FESTIVAL_PUSH_SRVER__PORT", "1", "srver.port", "no such setting"),
        ("FESTIVAL_PUSH_SERVER__PORT__X", "1", "server.port.x", "no such setting"),
        ("FESTIVAL_PUSH_SERVER__", "1", "server.", "no such setting"),
        ("FESTIVAL_PUSH_FUNDS__NO.NAME__AUTH", "bearer", "funds.no.name.auth", "no such setting"),
        ("FESTIVAL_PUSH_FUNDS__MY_PAY__AUTH", "basic", "funds.my-pay.auth", "bearer or standard-webhooks"),
        ("FESTIVAL_PUSH_FUNDS__MY_PAY__SECRETS", "[whsec_one]", "funds.my-pay.secrets", "JSON list"),
        ("FESTIVAL_PUSH_FUNDS__MY_PAY__SECRETS", "whsec_one", "funds.my-pay.secrets", "a list of texts"),
        ("FESTIVAL_PUSH_SERVER__ENVIRONMENT", "prod", "server.environment", "development or production"),
        ("FESTIVAL_PUSH_SERVER__ACCESS_LOG", "maybe", "server.access_log", "true or false"),
        ("FESTIVAL_PUSH_LIMITS__AMOUNT_MAX", "-1", "limits.amount_max", "a whole number from 0 up to 1000000000000"),
        ("FESTIVAL_PUSH_LIMITS__AMOUNT_MAX", "ten", "limits.amount_max", "a whole number from 0"),
        ("FESTIVAL_PUSH_BOARDS__READY_MIN", "-1", "boards.ready_min", "a whole number from 0 up to 1440"),
        ("FESTIVAL_PUSH_BOARDS__READY_MIN", "1441", "boards.ready_min", "a whole number from 0 up to 1440"),
        ("FESTIVAL_PUSH_FESTIVAL__CURRENCY", "euro", "festival.currency", r"\[A-Z\]"),
        ("FESTIVAL_PUSH_FESTIVAL__CURRENCY", "XXX", "festival.currency", "set festival.currency_digits too"),
        (
            "FESTIVAL_PUSH_FESTIVAL__CURRENCY_DIGITS",
            "5",
            "festival.currency_digits",
            "a whole number from 0 to 4, or -1",
        ),
        ("FESTIVAL_PUSH_FESTIVAL__CURRENCY_DIGITS", "two", "festival.currency_digits", "a whole number from 0 to 4"),
        ("FESTIVAL_PUSH_FESTIVAL__TIMEZONE", "Mars/Olympus", "festival.timezone", "not known"),
        ("FESTIVAL_PUSH_FESTIVAL__TIMEZONE", "Europe", "festival.timezone", "not known"),
        ("FESTIVAL_PUSH_ORDERS__CANCEL_S", "301", "orders.cancel_s", "a whole number from 0 up to 300"),
        ("FESTIVAL_PUSH_ORDERS__LATE_MIN", "0", "orders.late_min", "a whole number from 1 up to 240"),
        ("FESTIVAL_PUSH_ORDERS__VERY_LATE_MIN", "4", "orders.very_late_min", "not be below orders.late_min, 5"),
        ("FESTIVAL_PUSH_STREAM__REPLAY_PAGE", "1001", "stream.replay_page", "from 1 up to 1000"),
        ("FESTIVAL_PUSH_STREAM__HEARTBEAT_S", "0", "stream.heartbeat_s", "a number above 0 up to 300"),
        ("FESTIVAL_PUSH_STREAM__HEARTBEAT_S", "inf", "stream.heartbeat_s", "a number above 0 up to 300"),
        ("FESTIVAL_PUSH_AUTH__TOKEN_TTL_S", "99999999999999", "auth.token_ttl_s", "a whole number"),
        ("FESTIVAL_PUSH_AUTH__ISSUER", "", "auth.issuer", "a text with something in it"),
        ("DATABASE_URL", "mysql://festival@db.internal/festival", "database.url", "must begin with sqlite:///"),
        ("DATABASE_URL", "sqlite:///", "database.url", "must begin with sqlite:///"),
        ("FESTIVAL_PUSH_DATABASE__READ_URL", "sqlite:///replica.db", "database.read_url", "must begin with postgres"),
        ("REDIS_URL", "localhost:6379", "redis.url", "must begin with redis://"),
        ("FESTIVAL_PUSH_SERVER__OPS_LISTEN", "9464", "server.ops_listen", "must be host:port or"),
        (
            "FESTIVAL_PUSH_SERVER__OPS_LISTEN",
            "10.0.0.1:8000",
            "server.ops_listen",
            "another port than server.port, 8000",
        ),
        ("FESTIVAL_PUSH_SERVER__METRICS_FROM", '["everywhere"]', "server.metrics_from", "no address"),
        ("FESTIVAL_PUSH_SERVER__METRICS_FROM", '["10.0.0.1/8"]', "server.metrics_from", "no address"),
        ("FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES", '["*"]', "server.trusted_proxies", "no address"),
    ],
)
def test_a_wrong_variable_is_named_as_it_was_set_with_what_it_must_be(
    variable: str, text: str, setting: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=rf"^{variable} \({re.escape(setting)}\): .*{said}"):
        load_settings(CONFIG, {variable: text})


@pytest.mark.parametrize(
    ("text", "named", "said"),
    [
        ('[server]\nport = "abc"', "server.port", "a whole number from 1 to 65535"),
        ("[server.port]", "server.port", "a whole number"),
        ("[server]\nprot = 1", "server.prot", r"no such setting; did you mean server\.port"),
        ('baseURL = "https://blog.example"', "baseURL", "no such setting$"),
        ("[srver]", "srver", "no such setting"),
        ("server = 1", "server", "a section"),
        ("[funds.zeffy]\namount_unit = 1", "funds.zeffy.amount_unit", "major or minor"),
        ("[funds.Zeffy]", "funds.Zeffy", "no such setting"),
        ('[database]\nurl = "mysql://db.internal"', "database.url", "must begin with"),
        ('[festival]\ntimezone = "Mars"', "festival.timezone", "not known"),
        ('[server]\ntrusted_proxies = ["*"]', "server.trusted_proxies", "no address"),
    ],
)
def test_a_wrong_line_of_the_file_is_named_with_the_file(tmp_path: Path, text: str, named: str, said: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=rf"^{re.escape(f'{named} in {path}')}: .*{said}"):
        load_settings(path, {})


def test_all_that_is_wrong_is_said_at_once() -> None:
    environ = {"PORT": "abc", "FESTIVAL_PUSH_SERVER_WORKERS": "2", "FESTIVAL_PUSH_FESTIVAL__CURRENCY": "euro"}
    with pytest.raises(SettingsError) as caught:
        load_settings(CONFIG, environ)
    said = str(caught.value)
    assert said.count("; ") == 3, said
    assert "\n" not in said
    assert all(name in said for name in environ), said


@pytest.mark.parametrize("origin", ["https://app.example", "http://localhost:5173", "capacitor://localhost"])
def test_an_origin_as_browsers_send_it_is_taken(origin: str) -> None:
    environ = {"FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS": f'["{origin}"]'}
    assert load_settings(CONFIG, environ).server.allowed_origins == (origin,)


def test_every_setting_can_say_what_it_must_be() -> None:
    sections = [field.type for field in msgspec.structs.fields(Settings) if field.name != "funds"]
    for section in (*sections, FundsProvider):
        for field in msgspec.structs.fields(section):
            assert expected(field.type).startswith(
                ("a ", "true or ", "bearer or ", "none or ", "major or ", "development or ", "empty or offered or ")
            )


def test_what_the_environment_puts_right_in_the_file_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[server]\nport = 70000\n[funds.other]")
    settings = load_settings(path, {"PORT": "0"})
    assert settings.server.port == 0
    assert set(settings.funds) == {"other"}


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


def test_rates_of_tax_are_basis_points_and_reach_the_rules() -> None:
    settings = load_settings(CONFIG, {**SAFE, "FESTIVAL_PUSH_FESTIVAL__TAX_RATES_BP": "[1900, 700, 0]"})
    assert settings.rules().tax_rates_bp == (1_900, 700, 0)
    assert load_settings(CONFIG, SAFE).rules().tax_rates_bp == ()
    for wrong in ("[10001]", "[-1]", "[7.5]", str(list(range(13)))):
        with pytest.raises(SettingsError, match="tax_rates_bp"):
            load_settings(CONFIG, {**SAFE, "FESTIVAL_PUSH_FESTIVAL__TAX_RATES_BP": wrong})


@pytest.mark.parametrize("environment", ["development", "production"])
def test_an_identity_provider_is_nothing_without_its_issuer(environment: str) -> None:
    change = {
        "FESTIVAL_PUSH_SERVER__ENVIRONMENT": environment,
        "FESTIVAL_PUSH_AUTH__JWKS_URL": "https://id.example/jwks",
    }
    with pytest.raises(SettingsError, match=r"^auth\.jwks_issuer\b.*: required with jwks_url$"):
        load_settings(CONFIG, SAFE | change)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"JWT_SECRET": ""}, "jwt_secret"),
        ({"JWT_SECRET": "short"}, "jwt_secret"),
        ({"JWT_SECRET": "x" * 64}, "too regular"),
        ({"JWT_SECRET": "0123456789" * 4}, "too regular"),
        ({"JWT_SECRET": "0123456789abcdefghijklmnopqrstuvwxyz"}, "too regular"),
        ({"JWT_SECRET": "changeme-please-4mY0cq7Gd1ZpR9xTf3LwV"}, "placeholder"),
        ({"JWT_SECRET": "your-secret-key-change-in-production-please"}, "placeholder"),
        ({"FESTIVAL_PUSH_SERVER__PUBLIC_URL": "http://pay.festival.example"}, "public_url"),
        ({"FESTIVAL_PUSH_SERVER__PUBLIC_URL": ""}, "public_url"),
        ({"FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS": '["*"]'}, "allowed_origins"),
        ({"FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES": '["10.0.0.1", "0.0.0.0/0"]'}, "trusted_proxies"),
        ({"FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES": '["::/0"]'}, "trusted_proxies"),
        ({"FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES": '["0.0.0.0/1", "128.0.0.0/1"]'}, "trusted_proxies"),
        ({"FESTIVAL_PUSH_SERVER__TRUSTED_PROXIES": '["::ffff:0:0/96"]'}, "trusted_proxies"),
        ({"FESTIVAL_PUSH_SERVER__METRICS_FROM": '["0.0.0.0/0"]'}, "metrics_from"),
        ({"FESTIVAL_PUSH_SERVER__ALLOWED_ORIGINS": '["http://app.example"]'}, "allowed_origins"),
        ({"FESTIVAL_PUSH_SERVER__WORKERS": "2"}, "workers"),
        ({"FESTIVAL_PUSH_AUTH__JWKS_URL": "http://id.example/jwks"}, "jwks_url"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["short"]'}, "zeffy"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["{SAFE["JWT_SECRET"]}"]'}, "zeffy"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["whsec_{_base64(SAFE["JWT_SECRET"])}"]'}, "auth.jwt_secret"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["{SAFE["JWT_SECRET"].encode().hex()}"]'}, "auth.jwt_secret"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["{"a" * 24}"]'}, "too regular"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["whsec_{_base64("a" * 24)}"]'}, "too regular"),
        ({"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": f'["whsec_{_base64("changeme-changeme-now-73")}"]'}, "placeholder"),
        (
            {
                "FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["whsec_GJ0rhq4kW1u6bQv9zXcTn2LpYs8dEfAM"]',
                "FESTIVAL_PUSH_FUNDS__OTHER__SECRETS": '["GJ0rhq4kW1u6bQv9zXcTn2LpYs8dEfAM"]',
            },
            "another provider",
        ),
    ],
)
def test_production_refuses_what_is_unsafe(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(CONFIG, SAFE | change)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://fest.example/fest", "needs a host name of its own"),
        ("https://fest.example/fest/", "needs a host name of its own"),
        ("https://fest.example//", "needs a host name of its own"),
        ("https://fest.example/?from=sticker", "without \\? and #"),
        ("https://fest.example?", "without \\? and #"),
        ("https://fest.example#top", "without \\? and #"),
        ("https://anna:hid@fest.example", "must not hold a name or a password"),
        ("https://anna@fest.example", "must not hold a name or a password"),
        ("https://fest.example:hid", "can't be read"),
        ("https://[fest.example", "can't be read"),
        ("fest.example", "must be https://"),
        ("fest.example:8000", "must be https://"),
        ("https://", "must be https://"),
    ],
)
def test_the_public_url_is_a_host_name_of_its_own(url: str, said: str) -> None:
    variable = "FESTIVAL_PUSH_SERVER__PUBLIC_URL"
    for environ in ({}, SAFE):
        with pytest.raises(SettingsError, match=said) as caught:
            load_settings(CONFIG, environ | {variable: url})
        assert variable in str(caught.value)
        assert "hid" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://fest.example", "https://Fest.example:8443/", "https://[::1]:8000"])
def test_a_public_url_without_more_is_taken(url: str) -> None:
    assert load_settings(CONFIG, SAFE | {"FESTIVAL_PUSH_SERVER__PUBLIC_URL": url}).server.public_url == url


def test_production_names_each_finding_as_it_was_set_or_as_it_would_be() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(CONFIG, SAFE | {"JWT_SECRET": "", "FESTIVAL_PUSH_SERVER__WORKERS": "2"})
    assert " auth.jwt_secret: set JWT_SECRET" in str(caught.value)
    assert "FESTIVAL_PUSH_SERVER__WORKERS (server.workers): more than one needs redis.url" in str(caught.value)


def test_the_shipped_file_alone_does_not_start_in_production() -> None:
    with pytest.raises(SettingsError, match="JWT_SECRET"):
        load_settings(CONFIG, {"FESTIVAL_PUSH_SERVER__ENVIRONMENT": "production"})


def test_no_secret_shows_in_repr_or_error() -> None:
    environ = SAFE | {"FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS": '["whsec_hidden4mY0cq7Gd1ZpR9xTf3Ab"]'}
    assert "hidden" not in repr(load_settings(CONFIG, environ))
    assert SAFE["JWT_SECRET"] not in repr(load_settings(CONFIG, environ))
    with pytest.raises(SettingsError) as caught:
        load_settings(CONFIG, {"FESTIVAL_PUSH_AUTH__JWT_SECRET": '["whsec_hidden"'})
    assert "hidden" not in str(caught.value)


OLDER: Final = "vN3xQ7mZ2kR9tYb5LsW8dHc4JfG6pAeU"


def test_there_may_be_several_signing_secrets_the_first_of_which_signs() -> None:
    environ = SAFE | {"JWT_SECRET": msgspec.json.encode([SAFE["JWT_SECRET"], OLDER]).decode()}
    secrets = load_settings(CONFIG, environ).auth.jwt_secret
    assert [secret.reveal() for secret in secrets] == [SAFE["JWT_SECRET"], OLDER]
    assert secrets.reveal() == SAFE["JWT_SECRET"]
    assert OLDER not in repr(secrets) + repr(list(secrets))
    assert load_settings(CONFIG, SAFE).auth.jwt_secret == Secrets(*list(secrets)[:1])


@pytest.mark.parametrize(
    ("older", "said"),
    [
        ("short", "32 bytes each"),
        ("", "32 bytes each"),
        ("changeme-please-changeme-please-changeme", "placeholder"),
        ("0123456789" * 4, "too regular"),
    ],
)
def test_each_signing_secret_is_checked_also_one_that_only_verifies(older: str, said: str) -> None:
    environ = SAFE | {"JWT_SECRET": msgspec.json.encode([SAFE["JWT_SECRET"], older]).decode()}
    with pytest.raises(SettingsError, match=said):
        load_settings(CONFIG, environ)


def test_a_webhooks_secret_is_none_of_the_signing_secrets() -> None:
    environ = SAFE | {"JWT_SECRET": msgspec.json.encode([SAFE["JWT_SECRET"], OLDER]).decode()}
    environ["FESTIVAL_PUSH_FUNDS__ZEFFY__SECRETS"] = f'["{OLDER}"]'
    with pytest.raises(SettingsError, match="must differ from auth"):
        load_settings(CONFIG, environ)


def test_there_are_not_more_signing_secrets_than_a_rotation_needs() -> None:
    many = [f"{OLDER}{number}" for number in range(6)]
    with pytest.raises(SettingsError, match="at most 5"):
        load_settings(CONFIG, SAFE | {"JWT_SECRET": msgspec.json.encode(many).decode()})


def test_keys_are_derived_for_one_purpose_each() -> None:
    secrets = Secrets(Secret("a" * 32), Secret("b" * 32))
    keys = secrets.derived(b"one")
    assert [len(key) for key in keys] == [32, 32]
    assert len({*keys, *secrets.derived(b"two")}) == 4
    assert keys[1:] == Secrets(Secret("b" * 32)).derived(b"one")
    assert (bool(secrets), bool(Secrets()), bool(Secrets(Secret("")))) == (True, False, False)


@pytest.mark.parametrize(
    ("environment", "chosen", "proves"),
    [
        ("development", "", False), ("development", "required", True), ("development", "offered", False),
        ("production", "", True), ("production", "required", True), ("production", "offered", False),
    ],
)  # fmt: skip
def test_organisers_need_a_second_factor_in_production(environment: str, chosen: str, proves: bool) -> None:  # noqa: FBT001
    environ = {"FESTIVAL_PUSH_SERVER__ENVIRONMENT": environment, "FESTIVAL_PUSH_AUTH__SECOND_FACTOR": chosen}
    settings = load_settings(CONFIG, SAFE | environ, database_url="sqlite:///x.db")
    assert (settings.organisers_prove, settings.rules().organisers_prove) == (proves, proves)


def test_a_second_factor_is_required_or_offered() -> None:
    with pytest.raises(SettingsError, match="second_factor"):
        load_settings(CONFIG, {"FESTIVAL_PUSH_AUTH__SECOND_FACTOR": "maybe"})


@pytest.mark.parametrize(
    ("festival", "code", "digits", "amount_max", "balance_max"),
    [
        ({}, "EUR", 2, 100_000, 500_000),
        ({"currency": "JPY"}, "JPY", 0, 100_000, 500_000),
        ({"currency": "KWD"}, "KWD", 3, 1_000_000, 5_000_000),
        ({"currency": "HUF"}, "HUF", 2, 100_000_000, 500_000_000),
        ({"currency": "HUF", "currency_digits": 0}, "HUF", 0, 1_000_000, 5_000_000),
        ({"currency": "TOK", "currency_digits": 1}, "TOK", 1, 10_000, 50_000),
    ],
)
def test_the_currency_says_how_large_the_limits_are(
    festival: dict[str, Any], code: str, digits: int, amount_max: int, balance_max: int
) -> None:
    rules = Settings(festival=Festival(**festival)).rules()
    assert (rules.currency.code, rules.currency.digits) == (code, digits)
    assert (rules.amount_max, rules.balance_max) == (amount_max, balance_max)
    own = Settings(festival=Festival(**festival), limits=Limits(amount_max=7, balance_max=8)).rules()
    assert (own.amount_max, own.balance_max) == (7, 8)
