"""`festival-push serve`: run the server."""

import argparse
import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import closing
from typing import Final

from festival_push import __version__
from festival_push.app import now, open_store
from festival_push.cli.databases import CommandError, require_not_moved
from festival_push.cli.loading import load, number
from festival_push.domain.money.amounts import amount_text
from festival_push.domain.signing_in.attendance import strangers
from festival_push.domain.values import Rules
from festival_push.ops.attendance import OTHER_SECRETS, fingerprints
from festival_push.ops.logs import configure_logs
from festival_push.ops.metrics.sharing import MetricsMemory
from festival_push.serving.limits import ProtocolLimits
from festival_push.serving.listening import ListenError
from festival_push.serving.server import serve
from festival_push.settings import Settings, ops_address, suspicious_funds
from festival_push.settings.development import development_secrets
from festival_push.store.currency import require_currency
from festival_push.store.migrations.runner import is_empty, missing_migrations
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads

BODIES_HELD_MIN: Final = 64
"""So many request bodies of the largest size may always wait at once."""

_log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where the server listens, and with how many processes."""
    parser.add_argument("--host", help="an address of this machine to listen on, or a name; default: server.host")
    parser.add_argument("--port", type=number(0, 65_535), help="0: any free one; default: server.port")
    parser.add_argument("--workers", type=number(1, 64), help="processes; default: server.workers")


def run(parsed: argparse.Namespace) -> int:
    """Serve until a signal ends it.

    Raises:
        CommandError: The server can't listen, as on a taken port.
        Unavailable, UnsafeDatabase: As `make_usable`.
    """
    for name in ("host", "port", "workers"):
        if getattr(parsed, name) is not None:
            os.environ[f"FESTIVAL_PUSH_SERVER__{name.upper()}"] = str(getattr(parsed, name))
    settings = development_secrets(load(parsed))
    configure_logs()
    for keys, text in suspicious_funds(settings):
        _log.warning("%s: %s", ".".join(keys), text)

    def tell(url: str) -> None:
        log_limits(settings.rules())
        print(f"Festival Push {__version__} is listening on {url}", flush=True)

    return run_server(settings, tell, if_taken="choose another with --port or PORT")


def run_server(settings: Settings, on_listening: Callable[[str], None], if_taken: str) -> int:
    """Serve until a signal; return the exit code. Raises CommandError, with the advice `if_taken` for a taken port;
    Unavailable, UnsafeDatabase as `make_usable`.

    In development a server whose operator's listener is taken does without it, so that there may be two on a machine.
    """
    server = settings.server
    asyncio.run(make_usable(settings))
    with closing(MetricsMemory()) as memory:
        try:
            return serve(
                "festival_push.app:create_app",
                host=server.host,
                port=server.port,
                workers=server.workers,
                limits=protocol_limits(settings),
                drain_s=server.drain_s,
                trusted_proxies=server.trusted_proxies,
                allowed_origins=server.allowed_origins,
                on_listening=on_listening,
                prepare_worker=memory.give_slot,
                ops_at=ops_address(server),
                on_no_ops=lambda error: _go_without_ops(settings, error),
            )
        except ListenError as error:
            raise CommandError(f"{error}; {if_taken}" if error.taken else str(error)) from None


async def make_usable(settings: Settings) -> None:
    """Look at the database before there are processes, so that what is wrong is said once, in one line, and each kind
    has its exit code; and bring it to this version, which may take longer than a process may take to start.

    Raises:
        Unavailable: It can't be read or changed now.
        UnsafeDatabase: It is damaged, a newer version's, or the money in it is in another currency.
        CommandError: Another server uses it with other secrets; or it has moved.
    """
    require_not_moved(settings)
    given = settings.database
    if given.file is not None and not given.file.exists():
        return await _migrate(settings)
    database = await open_database(given.url, read_only=True)
    try:
        is_behind = await is_empty(database) or bool(await missing_migrations(database))
        if not is_behind:
            await require_currency(database, settings.currency())
            if strangers(fingerprints(settings.auth.jwt_secret), await Reads(database).servers(), now()):
                raise CommandError(OTHER_SECRETS)
    finally:
        await database.close()
    return await _migrate(settings) if is_behind else None


async def _migrate(settings: Settings) -> None:
    async with open_store(settings, begins=False) as store:
        if store.migrated:
            _log.info("the database was brought to this version by %s", ", ".join(store.migrated))


def log_limits(rules: Rules) -> None:
    """Log what a zero too many or too few in the settings would change, as people read it."""
    at_once, in_wallet = (amount_text(amount, rules.currency) for amount in (rules.amount_max, rules.balance_max))
    _log.info("amounts are in %s: at most %s at once, and %s in a wallet", rules.currency, at_once, in_wallet)


def _go_without_ops(settings: Settings, error: ListenError) -> None:
    if settings.production or not error.taken:
        raise CommandError(f"server.ops_listen: {error}; give it another address, or none") from None
    _log.warning("server.ops_listen: %s, so this server goes on without it", error)


def protocol_limits(settings: Settings) -> ProtocolLimits:
    """Return the bounds of the HTTP server, which depend on some of the application's."""
    limits, standard = settings.limits, ProtocolLimits()
    held = max(standard.held_bytes_max, BODIES_HELD_MIN * limits.body_bytes_max)
    return ProtocolLimits(connections_max=limits.connections_max, held_bytes_max=held)
