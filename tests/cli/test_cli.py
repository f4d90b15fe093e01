"""The command line: each command prints what it should and nothing else, over a real database."""

import asyncio
import io
import re
import stat
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import pytest

from festival_push.app import open_store
from festival_push.cli import databases, demo, demo_festival, main, serve
from festival_push.domain.signing_in.factors import EnrolFactor
from festival_push.domain.values import UserId
from festival_push.settings import load_settings
from festival_push.settings.development import development_secrets
from festival_push.settings.variables import CONFIG_VARIABLE, LOG_VARIABLE
from festival_push.store.reads.reads import Reads
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.pins import standard_hasher
from tests.support.festival import app_of
from tests.support.servers.fork_server import ROOT
from tests.support.servers.sqlite import opened

SECRET = "only-for-tests-0123456789-abcdefghij"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; no variable of the developer's own."""
    monkeypatch.chdir(tmp_path)
    left_behind = (CONFIG_VARIABLE, LOG_VARIABLE, "FESTIVAL_PUSH_SERVER__ACCESS_LOG")  # by commands, for their servers
    for name in ("PORT", "DATABASE_URL", "REDIS_URL", "JWT_SECRET", *left_behind):
        monkeypatch.setenv(name, "")  # so that it is gone again after the test
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def home(bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, with a database URL that points into it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{bare}/festival.db")
    return bare


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that are safe enough to start with where money is real."""
    monkeypatch.setenv("FESTIVAL_PUSH_SERVER__ENVIRONMENT", "production")
    monkeypatch.setenv("FESTIVAL_PUSH_SERVER__PUBLIC_URL", "https://pay.festival.example")
    monkeypatch.setenv("JWT_SECRET", SECRET)


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run one command; return what it printed for the code that it must end with."""
    assert main(arguments) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.out + printed.err


def test_it_says_which_version_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The one of the package that is installed; `/healthz`, `/metrics` and the line of a start say the same."""
    with pytest.raises(SystemExit) as ended:
        main(("--version",))
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"festival-push {version('festival-push')}\n"


def test_a_user_is_added_with_an_id_and_only_the_id_is_printed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    assert run(capsys, "user", "add", "customer", "Anna", "--id", "anna", "--pin", "7391") == "anna\n"
    made_up = run(capsys, "user", "add", "vendor", "Falafel Sun")
    assert made_up.strip()
    assert made_up.count("\n") == 1
    assert run(capsys, "user", "list").splitlines()[-1] == "anna\tcustomer\tAnna"


def test_a_role_is_changed_by_the_id_of_the_person(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "customer", "Anna", "--id", "anna")
    run(capsys, "user", "add", "vendor", "Grill", "--id", "grill")
    assert run(capsys, "user", "role", "admin", "anna") == "anna\tadmin\tAnna\n"
    assert "Nobody else" in run(capsys, "user", "role", "customer", "anna", code=2)
    run(capsys, "user", "add", "admin", "Boss")
    assert run(capsys, "user", "role", "vendor", "anna", "--stall", "grill") == "anna\tvendor\tAnna\n"
    assert "ROLE USERID" in run(capsys, "user", "role", "vendor", code=2)
    assert "--stall" in run(capsys, "user", "role", "customer", "anna", "--stall", "grill", code=2)
    unknown = {"user 'nobody'": ("customer", "nobody"), "stall 'nowhere'": ("vendor", "anna", "--stall", "nowhere")}
    for missing, arguments in unknown.items():
        assert f"there is no {missing}" in run(capsys, "user", "role", *arguments, code=2)


def test_second_factors_are_reset_by_the_id_of_the_person(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "admin", "Boss", "--id", "boss")

    async def factors(*commands: EnrolFactor) -> int:
        async with open_store(load_settings(None)) as store:
            for command in commands:
                await store.committer.submit(command)
            return len(await Reads(store.database).factors(UserId("boss")))

    assert asyncio.run(factors(app_of(UserId("boss"), 0))) == 1
    assert run(capsys, "user", "reset-factors", "boss") == ""
    assert asyncio.run(factors()) == 0
    assert "no user 'nobody'" in run(capsys, "user", "reset-factors", "nobody", code=2)
    assert "USERID" in run(capsys, "user", "reset-factors", code=2)
    monkeypatch.setenv("FESTIVAL_PUSH_AUTH__SECOND_FACTOR", "required")
    assert "second factor" in run(capsys, "simulate", code=2), "nobody could do anything there"


def test_what_the_command_line_does_to_people_is_a_deed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "customer", "Anna", "--id", "anna", "--pin", "739146")
    run(capsys, "user", "add", "admin", "Boss")
    run(capsys, "user", "role", "admin", "anna")
    run(capsys, "user", "link", "anna", "https://idp.example", "7")
    run(capsys, "user", "unlink", "anna", "https://idp.example", "7")
    run(capsys, "token", "anna")
    with opened(home / "festival.db") as file:
        deeds = file.execute("SELECT actor, act, subject, before || after FROM deeds ORDER BY seq").fetchall()
    assert [deed[:2] for deed in deeds] == [
        ("command-line", act)
        for act in ("add-user", "add-user", "change-role", "link-identity", "unlink-identity", "issue-session")
    ]
    assert deeds[2][2:] == ("user:anna", '{"admin":false}{"admin":true}')


def test_every_user_is_listed_over_several_pages(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "migrate")
    monkeypatch.setattr(databases, "_PAGE", 2)
    for number in range(5):
        run(capsys, "user", "add", "customer", f"Guest {number}", "--id", f"g{number}")
    listed = run(capsys, "user", "list").splitlines()
    assert sorted(line.partition("\t")[0] for line in listed) == [f"g{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("user", "add", "customer"), "ROLE NAME"),
        (("user", "add", "customer", "\u200b"), "name"),
        (("user", "add", "customer", "Anna", "--id", "an na"), "--id"),
        (("user", "add", "customer", "Anna", "--id", "an/na"), "--id"),
        (("user", "add", "customer", "Anna", "--id", ".."), "--id"),
        (("user", "add", "customer", "Anna", "--pin", "12"), "--pin"),
        (("user", "add", "customer", "Anna", "--pin", "1234"), "--pin: easily guessed: it is a sequence"),
        (
            ("user", "add", "customer", "Anna", "--id", "anna7391", "--pin", "7391"),
            "--pin: easily guessed: it is part of your name",
        ),
        (("user", "add", "admin", "Organiser", "--pin", "73914"), "--pin: 6 digits"),
        (("user", "add", "customer", "Anna", "--sign-in", "an na"), "--sign-in"),
        (("user", "add", "vendor", "Sun", "--id", "sun", "--sign-in", "SUN"), "--sign-in"),
        (("token", "nobody"), "no user"),
        (("user", "list", "--config", "missing.toml"), "missing.toml"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_2(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    run(capsys, "migrate")
    assert said in run(capsys, *arguments, code=2)


@pytest.mark.parametrize(
    ("options", "signs_in_with"),
    [
        (("customer", "Anna", "--id", "anna"), "anna"),
        (("admin", "Boss", "--id", "boss", "--sign-in", "Big-Boss"), "Big-Boss"),
        (("vendor", "Sun", "--id", "sun"), None),
        (("customer", "Anna"), None),
    ],
)
def test_the_sign_in_name_is_told_beside_the_id(
    home: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], signs_in_with: str | None
) -> None:
    run(capsys, "migrate")
    assert main(("user", "add", *options)) == 0
    printed = capsys.readouterr()
    told = printed.err.splitlines()[-1].removeprefix("sign-in name: ")
    assert printed.out.count("\n") == 1
    if signs_in_with is None:
        assert re.fullmatch(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}", told)
        assert told.replace("-", "") not in printed.out
    else:
        assert told == signs_in_with
    again = (options[0], "Other", "--sign-in", told.upper())
    assert "can't be had" in run(capsys, "user", "add", *again, code=2)


def test_an_organiser_who_has_lost_the_pin_gets_another(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "admin", "Boss", "--id", "boss", "--pin", "40963187")
    assert "give the new PIN" in run(capsys, "user", "reset-pin", "boss", code=2)
    assert "there is no user 'nobody'" in run(capsys, "user", "reset-pin", "nobody", "--pin", "58203947", code=2)
    assert "6 digits at least" in run(capsys, "user", "reset-pin", "boss", "--pin", "5820", code=2)
    monkeypatch.setattr("sys.stdin", io.StringIO("58203947\n"))
    assert main(["user", "reset-pin", "boss", "--pin", "-"]) == 0
    assert capsys.readouterr().err == "sign-in name: boss\n"

    with opened(home / "festival.db") as file:
        [(pin_hash, version)] = file.execute("SELECT pin_hash, session_version FROM users").fetchall()
    assert standard_hasher().verify(pin_hash, "58203947")
    assert version > 0, "all sessions of before have ended"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("restore", "/nowhere/kept.db"), "/nowhere/kept.db: No such file or directory"),
        (("backup", "/nowhere/kept.db"), "there is no folder /nowhere"),
        (("user", "add", "boss", "Boss"), "'boss' is no role: customer, vendor, admin"),
        (("user", "list", "all"), "use it so: user list"),
        (("user", "add", "customer", "Anna", "--pin", "abcd"), "--pin: must be 4 to 12 digits"),
        ((), "usage: festival-push"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    run(capsys, "migrate")
    printed = run(capsys, *arguments, code=2)
    assert said in printed
    assert "Errno" not in printed


def test_a_target_that_is_away_is_not_said_of_the_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    printed = run(capsys, "copy-to", "postgresql://festival@127.0.0.1:1/festival", code=3)
    assert "festival-push: no connection to PostgreSQL: " in printed
    assert (home / "festival.db").exists()


def test_a_pin_is_read_from_stdin(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, "migrate")
    monkeypatch.setattr("sys.stdin", io.StringIO("739146\n"))
    assert run(capsys, "user", "add", "admin", "Boss", "--id", "boss", "--pin", "-") == "boss\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert "--pin" in run(capsys, "user", "add", "customer", "Anna", "--pin", "-", code=2)


def test_an_id_that_is_taken_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "admin", "Organiser", "--id", "boss")
    assert "taken" in run(capsys, "user", "add", "customer", "Anna", "--id", "boss", code=2)


def test_a_token_is_printed_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "customer", "Anna", "--id", "anna")
    token = run(capsys, "token", "anna", "--ttl", "60")
    assert token.count(".") == 2
    assert token.endswith("\n")
    assert token.count("\n") == 1


def test_a_token_lives_a_second_at_least(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "customer", "Anna", "--id", "anna")
    assert "--ttl" in run(capsys, "token", "anna", "--ttl", "0", code=2)


def test_migrate_says_what_it_did(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "migrate").startswith("0001")
    assert run(capsys, "migrate") == "nothing to do\n"


@pytest.mark.parametrize("arguments", [("audit",), ("user", "list"), ("token", "anna")])
def test_what_reads_says_that_there_is_no_festival_yet(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    (home / "festival.db").touch()
    assert "is empty" in run(capsys, *arguments, code=2)


def test_a_database_of_a_newer_version_is_refused_in_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    with opened(home / "festival.db") as database:
        database.execute("INSERT INTO schema_migrations (name) VALUES ('9999_later')")
    assert "newer than this program" in run(capsys, "migrate", code=2)
    assert "newer than this program" in run(capsys, "audit", code=2)


def test_a_database_of_an_older_version_is_not_read_in_vain(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    with opened(home / "festival.db") as database:
        database.execute("DELETE FROM schema_migrations WHERE name = '0008_paces'")
    for arguments in (("audit",), ("user", "list"), ("token", "anna")):
        assert "older than this program" in run(capsys, *arguments, code=2)


def test_the_audit_finds_a_cent_that_appeared(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "customer", "Anna", "--id", "anna")
    assert run(capsys, "audit") == "every promise holds\n"
    with opened(home / "festival.db") as connection:
        connection.execute("UPDATE accounts SET balance = balance + 1 WHERE account_id = 'user:anna'")
    assert "user:anna" in run(capsys, "audit", code=1)


def test_the_report_adds_up_and_names_what_does_not(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings(None, {"DATABASE_URL": f"sqlite:///{home}/festival.db", "JWT_SECRET": SECRET})
    asyncio.run(demo.furnish_database(settings))
    report = msgspec.json.decode(run(capsys, "audit", "--report", "--json"))
    assert report["balanced"] is True
    assert report["cameIn"] == sum(source["cameIn"] for source in report["sources"]) > 0
    printed = run(capsys, "audit", "--report")
    assert f"in {report['cameIn'] / 100:.2f} − out 0.00" in printed
    assert printed.endswith("all are equal\n")

    with opened(home / "festival.db") as connection:
        connection.execute(
            "UPDATE accounts SET balance = balance + 5 WHERE account_id = ?", (f"till:{demo_festival.STALL}",)
        )
    printed = run(capsys, "audit", "--report", code=1)
    assert re.search(rf"balance of stall {demo_festival.STALL} .* 0\.05$", printed, re.MULTILINE)
    assert re.search(rf"^{demo_festival.STALL} .* 0\.05$", printed, re.MULTILINE)
    assert "3 differ" in printed
    assert msgspec.json.decode(run(capsys, "audit", "--report", "--json", code=1))["balanced"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--port", "99999"), "a whole number from 0 to 65535"),
        (("--port", "abc"), "a whole number from 0 to 65535"),
        (("--workers", "0"), "a whole number from 1 to 64"),
    ],
)
def test_a_wrong_option_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", *arguments])
    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert f"argument {arguments[0]}: " in printed
    assert said in printed


def test_json_goes_with_the_report(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--report" in run(capsys, "audit", "--json", code=2)


_NEED_A_DATABASE = [
    ("audit",), ("audit", "--report"), ("user", "list"), ("user", "add", "admin", "Organiser"), ("token", "anna"),
    ("backup", "kept.db"), ("simulate",),
]  # fmt: skip


@pytest.mark.parametrize("command", _NEED_A_DATABASE)
def test_only_demo_serve_and_migrate_begin_a_database(
    home: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    said = run(capsys, *command, code=2)
    assert f"there is no database at {home}/festival.db yet" in said
    assert "`festival-push migrate`" in said
    assert "`make run`" in said
    assert not list(home.glob("festival.db*"))


def test_the_demo_is_not_offered_in_production(
    home: Path, capsys: pytest.CaptureFixture[str], production: None
) -> None:
    said = run(capsys, "user", "add", "admin", "Organiser", code=2)
    assert "`festival-push migrate`" in said
    assert "make run" not in said


def test_nobody_is_added_to_a_database_of_an_older_version(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    with opened(home / "festival.db") as database:
        database.execute("DELETE FROM schema_migrations WHERE name = '0008_paces'")
    assert "older than this program" in run(capsys, "user", "add", "admin", "Organiser", code=2)


def test_commands_in_development_work_on_the_demos_database(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(demo.furnish_database(load_settings(None)))
    assert (bare / "var/demo.db").exists()
    assert len(run(capsys, "user", "list").splitlines()) == 7
    assert run(capsys, "audit") == "every promise holds\n"


def test_production_has_a_database_of_its_own(bare: Path, capsys: pytest.CaptureFixture[str], production: None) -> None:
    run(capsys, "migrate")
    assert [path.name for path in (bare / "var").glob("*.db")] == ["festival.db"]


def test_the_demo_brings_nothing_into_somebodys_own_festival(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "admin", "Organiser", "--id", "boss")
    with pytest.raises(databases.CommandError, match="not the demo's"):
        asyncio.run(demo.furnish_database(load_settings(None)))
    assert [line.partition("\t")[0] for line in run(capsys, "user", "list").splitlines()] == ["boss"]


def test_a_demo_that_ends_badly_names_its_log(
    bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "serve", lambda *_, **__: 3)
    monkeypatch.setattr(demo, "configure_logs", lambda: None)
    assert run(capsys, "demo", code=2) == "festival-push: the demo has ended; var/demo.log says why\n"


def test_beside_somebodys_own_festival_only_the_demo_knows_which_database_is_meant(
    bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare / "var").mkdir()
    (bare / "var/festival.db").touch()
    monkeypatch.setattr(serve, "serve", lambda *_, **__: 0)
    monkeypatch.setattr(demo, "configure_logs", lambda: None)
    for _ in range(2):
        for command in (("serve",), ("migrate",), ("user", "list"), ("audit",)):
            said = run(capsys, *command, code=2)
            assert "set DATABASE_URL=sqlite:///var/festival.db" in said
        with monkeypatch.context() as demo_only:
            demo_only.setenv("DATABASE_URL", "")
            run(capsys, "demo")
            served = load_settings(None)  # as its server does
            assert served.database.url == "sqlite:///var/demo.db"
    assert (bare / "var/festival.db").read_bytes() == b""


def test_commands_that_need_no_secret_make_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "admin", "Organiser", "--id", "boss")
    for arguments in (("user", "list"), ("audit",), ("audit", "--report"), ("backup", "kept.db")):
        run(capsys, *arguments)
    run(capsys, "token", "nobody", code=2)
    assert not list(home.glob("development-secret*"))
    tokens = [run(capsys, "token", "boss") for _ in range(2)]
    assert stat.S_IMODE((home / "development-secret").stat().st_mode) == 0o600
    assert [len(token.split(".")) for token in tokens] == [3, 3]


def test_the_audit_mends_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    with opened(home / "festival.db") as connection:
        connection.execute("PRAGMA journal_mode = delete")
    for _ in range(2):
        assert "No server has opened this file" in run(capsys, "audit")


def test_the_demo_is_furnished_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings(None, {"DATABASE_URL": f"sqlite:///{home}/festival.db", "JWT_SECRET": SECRET})
    for _ in range(2):
        asyncio.run(demo.furnish_database(settings))
    listed = run(capsys, "user", "list").splitlines()
    assert len(listed) == 7
    assert run(capsys, "audit") == "every promise holds\n"


def test_the_demo_of_an_older_release_gets_whom_the_links_are_for(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(None, {"DATABASE_URL": f"sqlite:///{home}/festival.db", "JWT_SECRET": SECRET})
    with monkeypatch.context() as patch:
        patch.setattr(demo_festival, "CASHIER", UserId("mira"))
        patch.setattr(demo_festival, "_PEOPLE", demo_festival._PEOPLE[:-1])
        asyncio.run(demo.furnish_database(settings))
    assert "toni" not in run(capsys, "user", "list")
    asyncio.run(demo.furnish_database(settings))
    with opened(home / "festival.db") as database:
        (cashier,) = database.execute("SELECT cashier FROM users WHERE user_id = 'toni'").fetchone()
    assert cashier


def test_the_demo_shows_what_a_stall_can_sell(home: Path) -> None:
    settings = load_settings(None, {"DATABASE_URL": f"sqlite:///{home}/festival.db", "JWT_SECRET": SECRET})
    asyncio.run(demo.furnish_database(settings))
    with opened(home / "festival.db") as database:
        ((at_once,),) = database.execute("SELECT at_once FROM vendors WHERE vendor_id = 'bar'").fetchall()
        kept = "SELECT tax_bp, age_min, stock, deposit FROM menu_items WHERE item_id = 'pale-ale'"
        (ale,) = database.execute(kept).fetchall()
        rates = {rate for (rate,) in database.execute("SELECT tax_bp FROM menu_items")}
    assert at_once
    assert ale == (1_900, 16, 24, 200)
    assert rates == set(demo_festival.TAX_RATES_BP)


@pytest.mark.parametrize("done", range(19))
def test_a_demo_that_was_interrupted_is_furnished_to_the_end(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    settings = load_settings(None, {"DATABASE_URL": f"sqlite:///{home}/festival.db", "JWT_SECRET": SECRET})
    submit, left = Committer.submit, done

    async def interrupted(committer: Committer, command: Any) -> Any:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        return await submit(committer, command)

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(Committer, "submit", interrupted)
        asyncio.run(demo.furnish_database(settings))
    asyncio.run(demo.furnish_database(settings))
    with opened(home / "festival.db") as database:
        counts = [
            database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608  # our own names
            for table in ("users", "menu_items", "displays", "transfers")
        ]
    assert counts == [7, 6, 1, 2]


SESSION = "session-of-anna"
TOKENS: dict[str, str] = {
    name: f"token-of-{name}"
    for name in (
        demo_festival.CUSTOMER,
        demo_festival.STALL,
        demo_festival.BAR,
        demo_festival.CASHIER,
        demo_festival.ADMIN,
        demo_festival.DISPLAY,
    )
}


def guide(tmp_path: Path, **environ: str) -> str:
    """What the demo prints, with these variables."""
    config = ROOT / "config.toml"
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/demo.db"} | environ
    settings = development_secrets(load_settings(config, environ))
    return demo.guide("http://127.0.0.1:8000", SESSION, TOKENS, settings, tmp_path / "demo.log")


def test_the_guide_signs_everyone_in_and_says_how_it_goes_on(tmp_path: Path) -> None:
    printed = guide(tmp_path)
    assert all(f"token={token}" in printed for token in TOKENS.values())
    assert printed.count(f"Bearer {SESSION}'") == 2
    assert f"={SESSION}" not in printed  # a session in a link would be refused
    (body,) = (line for line in printed.splitlines() if line.strip().startswith("-d '{"))
    assert msgspec.json.decode(body.strip().removeprefix("-d '").removesuffix("'"), type=dict[str, object])
    for needed in ("Ctrl-C stops it", f"{tmp_path}/demo.db", f"{tmp_path}/demo.log", "with curl"):
        assert needed in printed


def test_the_answers_of_the_guides_lines_end_with_a_newline(tmp_path: Path) -> None:
    posting = [line for line in guide(tmp_path).splitlines() if line.startswith("curl") and "POST" in line]
    assert len(posting) == 2
    assert all(line.startswith(r"curl -s -w '\n' ") for line in posting)


def test_the_guide_has_no_webhook_to_sign_where_relays_hold_the_secret(tmp_path: Path) -> None:
    assert "signed webhook" in guide(tmp_path)
    assert "signed webhook" not in guide(tmp_path, FESTIVAL_PUSH_FUNDS__ZEFFY__AUTH="bearer")
    assert '"amount": "12.50", "currency": "EUR"' in guide(tmp_path)
    assert '"amount": "1250", "currency": "JPY"' in guide(tmp_path, FESTIVAL_PUSH_FESTIVAL__CURRENCY="JPY")


def test_the_guide_does_not_show_where_postgres_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "hidden" not in guide(tmp_path, DATABASE_URL="postgresql://hidden:hidden@hidden/hidden")


def test_a_backup_is_made_and_put_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    run(capsys, "user", "add", "customer", "Anna", "--id", "anna")
    assert "every promise holds" in run(capsys, "backup", "kept.db")
    assert "exists already" in run(capsys, "backup", "kept.db", code=2)
    run(capsys, "user", "add", "customer", "Ben", "--id", "ben")
    assert "what was there before is" in run(capsys, "restore", "kept.db")
    assert [line.partition("\t")[0] for line in run(capsys, "user", "list").splitlines()] == ["anna"]
    assert "(note): No server has opened this file" in run(capsys, "audit"), "and the exit code is 0"


def test_a_restore_stays_on_the_disk_that_the_file_is_on(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "migrate")
    link, disk = home / "festival.db", home / "disk"
    disk.mkdir()
    link.rename(disk / "real.db")
    link.symlink_to(disk / "real.db")
    run(capsys, "backup", "kept.db")
    run(capsys, "user", "add", "customer", "Ben", "--id", "ben")
    run(capsys, "restore", "kept.db")
    assert link.is_symlink()
    assert run(capsys, "user", "list") == ""
    assert [path for path in disk.iterdir() if path.name.startswith("real.db.before-")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("restore",), "restore FILE"),
        (("restore", "kept.db", "--renew-epoch"), "restore FILE"),
        (("restore", "--renew-epoch"), "SQLite's epoch"),
        (("restore", "none.db"), "No such file"),
    ],
)
def test_a_backup_that_can_not_be_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert said in run(capsys, *arguments, code=2)
