"""The command line: demo, serve, migrate, user, token, audit, simulate, backup, restore.

Answers go to standard output, complaints to standard error. Exit code 1: an audit or a
simulation found something; 2: it can't be done.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from festival_push import backups, demo, simulation
from festival_push.app import CONFIG_VARIABLE, open_ledger, tokens_of
from festival_push.development import development_secrets, state_folder
from festival_push.domain.people import AddUser
from festival_push.domain.reconciliation import reconcile
from festival_push.domain.refusals import Refused
from festival_push.domain.values import Role, UserId
from festival_push.existing import CommandError, all_users, open_existing, require_existing
from festival_push.ops.audit import audit
from festival_push.ops.backup import BackupError
from festival_push.ops.logs import LOG_VARIABLE, configure_logs
from festival_push.ops.report import report_lines
from festival_push.settings import DEMO_DATABASE_URL, Settings, SettingsError, load_settings
from festival_push.simulate.plan import SimulationError
from festival_push.simulate.verdict import render
from festival_push.store.database import Database
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable, UnsafeDatabase, WriteFailed
from festival_push.store.figures import read_figures
from festival_push.store.reads import Reads
from festival_push.web.claims import Audience
from festival_push.web.fields import Id
from festival_push.web.ids import new_top_up_code, new_user_id
from festival_push.web.pins import Pin, standard_hasher
from festival_push.web.problems import ProblemError
from festival_push.web.protocol import ProtocolLimits
from festival_push.web.server import ListenError, serve
from festival_push.web.text import clean_name

_BESIDE: Final = (
    Path("config.toml"),
    Path(__file__).with_name("config.toml"),
    Path(__file__).parents[1] / "config.toml",
)
"""Where settings are looked for: here, in the installed package, in the source tree."""

_AUDIT_WAIT_S: Final = 60.0
"""Sums over a whole ledger may take longer than anything that a server asks."""
_DISPLAY_TTL_S: Final = 30 * 86_400
_TTL_S_MAX: Final = 366 * 86_400


_EXPECTED: Final = (
    SettingsError, CommandError, SimulationError, BackupError, ProblemError, Refused, OSError,
    CommandFailed, Overloaded, Unavailable, UnsafeDatabase, WriteFailed,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    parsed = _parser().parse_args(arguments)
    os.umask(0o077)  # databases and secrets are nobody else's
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except _EXPECTED as error:
        print(f"festival-push: {error.title if isinstance(error, Refused) else error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="festival-push", description="Cashless payment and real-time push for a festival."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument(
            "--config", type=Path, metavar="FILE", help="settings; default: config.toml here, or the shipped one"
        )
        added.set_defaults(run=run)
        return added

    command("demo", _demo, "A festival to try, with people, menus and links.")
    serving = command("serve", _serve, "Run the server.")
    serving.add_argument("--host")
    serving.add_argument("--port", type=_number(0, 65_535), help="0: any free one")
    serving.add_argument("--workers", type=_number(1, 64))
    command("migrate", _migrate, "Begin the database, or bring it to this version.")
    user = command("user", _user, "Add a person and print only their id; or list everybody.")
    user.add_argument("action", choices=("add", "list"))
    user.add_argument("role", nargs="?", choices=tuple(Role))
    user.add_argument("name", nargs="?")
    user.add_argument("--id")
    user.add_argument("--pin")
    token = command("token", _token, "Print a token that signs this person in.")
    token.add_argument("user_id", metavar="USERID")
    token.add_argument("--ttl", type=int, metavar="SECONDS")
    auditing = command("audit", _audit, "Check every promise on the live database; exit code 1 if one is broken.")
    auditing.add_argument(
        "--report", action="store_true", help="reconcile all money instead; exit code 1 if it differs"
    )
    auditing.add_argument("--json", action="store_true", help="the report as JSON, amounts in minor units")
    simulation.add_arguments(
        command(
            "simulate",
            _simulate,
            "A festival in fast motion against a running server; exit code 1 if a promise is broken.",
        )
    )
    backups.add_backup_arguments(
        command("backup", _backup, "Copy the SQLite database, beside a running server, and check the copy.")
    )
    backups.add_restore_arguments(
        command("restore", _restore, "Put a backup in the database's place; every server must be stopped.")
    )
    return parser


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: a whole number from {least} to {most}")
        return int(text)

    return number


def _load(parsed: argparse.Namespace, database_url: str | None = None) -> Settings:
    """The settings; from now on also those of every process that this one starts."""
    path = parsed.config or next((path for path in _BESIDE if path.exists()), None)
    if path is not None:
        os.environ[CONFIG_VARIABLE] = str(path.resolve())
    settings = load_settings(path, database_url=database_url)
    os.environ["DATABASE_URL"] = settings.database.url
    return settings


def _serve(parsed: argparse.Namespace) -> int:
    for name in ("host", "port", "workers"):
        if getattr(parsed, name) is not None:
            os.environ[f"FESTIVAL_PUSH_SERVER__{name.upper()}"] = str(getattr(parsed, name))
    settings = development_secrets(_load(parsed))
    configure_logs()
    if_taken = "choose another with --port or PORT"
    return _run_server(settings, lambda url: print(f"Festival Push is listening on {url}", flush=True), if_taken)


def _run_server(settings: Settings, on_listening: Callable[[str], None], if_taken: str) -> int:
    """Serve until the end. Raises CommandError, with the advice `if_taken` where somebody else has the port."""
    server = settings.server
    try:
        return serve(
            "festival_push.app:create_app",
            host=server.host,
            port=server.port,
            workers=server.workers,
            limits=ProtocolLimits(),
            drain_s=server.drain_s,
            trusted_proxies=server.trusted_proxies,
            on_listening=on_listening,
        )
    except ListenError as error:
        raise CommandError(f"{error}; {if_taken}" if error.taken else str(error)) from None


def _demo(parsed: argparse.Namespace) -> int:
    os.environ.setdefault("FESTIVAL_PUSH_SERVER__ACCESS_LOG", "false")  # its log is to stay small
    settings = _load(parsed, DEMO_DATABASE_URL)
    if settings.production:
        raise CommandError("the demo is not for production")
    settings = development_secrets(settings)
    log = state_folder(settings) / "demo.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[LOG_VARIABLE] = str(log.absolute())
    configure_logs()
    asyncio.run(furnish(settings))
    signed_in: dict[str, str] = {
        user_id: asyncio.run(_session(settings, user_id)) for user_id in (demo.CUSTOMER, demo.STALL, demo.ADMIN)
    }
    screen = tokens_of(settings).issue(demo.DISPLAY, Audience.DISPLAY, _DISPLAY_TTL_S)
    signed_in[demo.DISPLAY] = screen.token
    other_port = settings.server.port % 65_535 + 1
    code = _run_server(
        settings,
        lambda url: print(demo.guide(url, signed_in, settings, log), flush=True),
        f"try another: PORT={other_port} make run",
    )
    if code:
        raise CommandError(f"the demo has ended; {log} says why")
    return 0


async def furnish(settings: Settings) -> None:
    async with open_ledger(settings) as ledger:
        await demo.furnish(ledger.committer, Reads(ledger.database))


def _migrate(parsed: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        async with open_ledger(settings) as ledger:
            print("\n".join(ledger.migrated) or "nothing to do")
        return 0

    return _run(run, parsed)


def _user(parsed: argparse.Namespace) -> int:
    return _run(_list_users if parsed.action == "list" else lambda settings: _add_user(settings, parsed), parsed)


async def _add_user(settings: Settings, parsed: argparse.Namespace) -> int:
    if not parsed.role or not parsed.name:
        raise CommandError("user add ROLE NAME")
    if parsed.id is not None and ("/" in parsed.id or parsed.id in {".", ".."}):
        raise CommandError("--id: the API names people in its paths, which could not hold this one")
    command = AddUser(
        user_id=UserId(_fit(parsed.id, Id, "--id") if parsed.id is not None else new_user_id()),
        role=Role(parsed.role),
        name=clean_name(parsed.name),
        pin_hash=None if parsed.pin is None else standard_hasher().hash(_fit(parsed.pin, Pin, "--pin")),
        top_up_code=new_top_up_code(),
    )
    await require_existing(settings)
    async with open_ledger(settings) as ledger:
        added = await ledger.committer.submit(command)
    print(added.reply.user_id)
    return 0


def _fit(text: str, kind: Any, option: str) -> str:
    """The text, if the API would take it too. Raises CommandError."""
    try:
        return str(msgspec.convert(text, kind))
    except msgspec.ValidationError as error:
        raise CommandError(f"{option}: {error}") from None


async def _list_users(settings: Settings) -> int:
    database = await open_existing(settings)
    try:
        async for user in all_users(Reads(database)):
            print(user.user_id, user.role, user.name, *(("suspended",) if user.suspended else ()), sep="\t")
    finally:
        await database.close()
    return 0


def _token(parsed: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        print(await _session(settings, parsed.user_id, parsed.ttl))
        return 0

    return _run(run, parsed)


async def _session(settings: Settings, user_id: str, ttl_s: int | None = None) -> str:
    """A token that signs them in. Raises CommandError for somebody unknown."""
    if ttl_s is not None and not 1 <= ttl_s <= _TTL_S_MAX:
        raise CommandError(f"--ttl: 1 to {_TTL_S_MAX} seconds")
    database = await open_existing(settings)
    try:
        user = await Reads(database).user(UserId(user_id))
    finally:
        await database.close()
    if user is None:
        raise CommandError(f"there is no user {user_id!r}")
    ttl_s = ttl_s or settings.auth.token_ttl_s
    return (
        tokens_of(development_secrets(settings))
        .issue(user_id, Audience.SESSION, ttl_s, version=user.session_version)
        .token
    )


def _audit(parsed: argparse.Namespace) -> int:
    if parsed.json and not parsed.report:
        raise CommandError("--json goes with --report")

    async def run(settings: Settings) -> int:
        database = await open_existing(settings, wait_s=_AUDIT_WAIT_S)
        try:
            return await (
                _report(settings, database, as_json=parsed.json) if parsed.report else _findings(settings, database)
            )
        finally:
            await database.close()

    return _run(run, parsed)


async def _findings(settings: Settings, database: Database) -> int:
    findings = await audit(database, providers=settings.funds)
    print("\n".join(str(finding) for finding in findings) or "every promise holds")
    return 1 if any(finding.failure for finding in findings) else 0


async def _report(settings: Settings, database: Database, *, as_json: bool) -> int:
    report = reconcile(await read_figures(database), settings.funds)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(report)).decode())
    else:
        print("\n".join(report_lines(report, settings.festival.currency)))
    return 0 if report.balanced else 1


def _simulate(parsed: argparse.Namespace) -> int:
    async def run(settings: Settings) -> int:
        if settings.production:
            raise CommandError("a simulation makes people and money: it is not for production")
        token = await _session(settings, parsed.admin or await _first_admin(settings))
        verdict = await simulation.run(simulation.plan_of(parsed, development_secrets(settings), token), sys.stderr)
        print(msgspec.json.encode(verdict).decode() if parsed.json else render(verdict))
        return 0 if verdict.ok else 1

    return _run(run, parsed)


async def _first_admin(settings: Settings) -> str:
    database = await open_existing(settings)
    try:
        async for user in all_users(Reads(database)):
            if user.role is Role.ADMIN and not user.suspended:
                return user.user_id
    finally:
        await database.close()
    raise CommandError("there is no admin yet; `festival-push user add admin NAME` adds one")


def _backup(parsed: argparse.Namespace) -> int:
    return _run(lambda settings: backups.run_backup(settings, parsed), parsed)


def _restore(parsed: argparse.Namespace) -> int:
    return _run(lambda settings: backups.run_restore(settings, parsed), parsed)


def _run(command: Callable[[Settings], Coroutine[None, None, int]], parsed: argparse.Namespace) -> int:
    return asyncio.run(command(_load(parsed)))
