"""`festival-push simulate`: simulate a festival in fast motion against a running server."""

import argparse
import asyncio
import secrets
import signal
import sys
from typing import Final, TextIO

import msgspec

from festival_push.cli.databases import CommandError, all_users, open_existing
from festival_push.cli.loading import number, run_with_settings
from festival_push.cli.people.token import session_token
from festival_push.domain.signing_in.factors import lacks_factor
from festival_push.settings import Settings
from festival_push.settings.development import development_secrets
from festival_push.simulate.faults.inflict import FAULTS
from festival_push.simulate.http.webhook import Webhook
from festival_push.simulate.plan import CUSTOMERS_MAX, LATE_S, ORDERS_MAX, OVER_S_MAX, SECONDS_MAX, STALLS_MAX, Plan
from festival_push.simulate.run import simulate
from festival_push.simulate.verdict import Verdict, render
from festival_push.store.reads.reads import Reads
from festival_push.web.parsing.addresses import public_url

_SECONDS_DEFAULT: Final = 300  # without `--over`


def add_arguments(simulating: argparse.ArgumentParser) -> None:
    """Declare the server, the organiser, the sizes and the form of the verdict."""
    simulating.add_argument("--url", action="append", help="of the server; repeat it for several over one database")
    simulating.add_argument("--admin", metavar="USERID", help="who organises it; default: the database's newest admin")
    for name, default, most in (
        ("customers", 25, CUSTOMERS_MAX),
        ("stalls", 4, STALLS_MAX),
        ("orders", 200, ORDERS_MAX),
    ):
        text = f"at most; default: {default}, up to {most}"
        simulating.add_argument(f"--{name}", type=number(1, most), default=default, metavar="N", help=text)
    over = f"spread the orders evenly over this time, up to {OVER_S_MAX}; default: as fast as the customers can"
    simulating.add_argument("--over", type=number(1, OVER_S_MAX), metavar="SECONDS", help=over)
    text = f"at most; default: {_SECONDS_DEFAULT}, with --over {LATE_S} after its time; up to {SECONDS_MAX}"
    simulating.add_argument("--seconds", type=number(1, SECONDS_MAX), metavar="N", help=text)
    simulating.add_argument("--seed", type=int, metavar="N", help="what people do is drawn from it")
    for_each = "; ".join(f"{name}: {fault.does}" for name, fault in FAULTS.items())
    text = f"inflict it meanwhile; repeat it for several. {for_each}"
    simulating.add_argument("--fault", action="append", choices=list(FAULTS), metavar="NAME", help=text)
    text = "of a server on this machine, for faults of servers; repeat it for several"
    simulating.add_argument("--pid", action="append", type=number(2, 2**31 - 1), metavar="PID", help=text)
    simulating.add_argument("--json", action="store_true", help="print the verdict as JSON")


def run(parsed: argparse.Namespace) -> int:
    """Simulate, and print the verdict. Return 1 if a promise is broken, or no order was placed."""

    async def run_simulation(settings: Settings) -> int:
        if settings.production:
            raise CommandError("a simulation makes people and money: it is not for production")
        token = await session_token(settings, parsed.admin or await _newest_admin(settings))
        verdict = await _run(_plan_of(parsed, development_secrets(settings), token), sys.stderr)
        print(msgspec.json.encode(verdict).decode() if parsed.json else render(verdict))
        return 0 if verdict.ok else 1

    return run_with_settings(run_simulation, parsed)


async def _newest_admin(settings: Settings) -> str:
    database, rules = await open_existing(settings), settings.rules()
    try:
        async for person in all_users(Reads(database)):
            if person.user.admin and not person.user.suspended and not lacks_factor(person.user, rules):
                return person.user_id
    finally:
        await database.close()
    raise CommandError(
        "there is no admin yet, or none with the second factor that they need here; "
        "`festival-push user add admin NAME` adds one"
    )


def _plan_of(parsed: argparse.Namespace, settings: Settings, token: str) -> Plan:
    """Make the plan from the arguments and settings; `token` is the organiser's."""
    return Plan(
        url=parsed.url[0] if parsed.url else public_url(settings.server),
        others=tuple(parsed.url[1:]) if parsed.url else (),
        token=token,
        customers=parsed.customers,
        stalls=parsed.stalls,
        orders=parsed.orders,
        over_s=parsed.over,
        seconds=parsed.seconds or (_SECONDS_DEFAULT if parsed.over is None else parsed.over + LATE_S),
        seed=secrets.randbelow(10**6) if parsed.seed is None else parsed.seed,
        webhook=_webhook(settings),
        faults=tuple(dict.fromkeys(parsed.fault or ())),
        pids=tuple(dict.fromkeys(parsed.pid or ())),
    )


async def _run(plan: Plan, out: TextIO) -> Verdict:
    """Run the simulation. The first Ctrl-C ends it with a verdict, the second one without."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def interrupt() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    return await simulate(plan, stop=stop, out=out)


def _webhook(settings: Settings) -> Webhook | None:
    """Return the first provider that reports nothing but payments and whose secret the settings hold; None: no such."""
    for name, provider in settings.funds.items():
        if provider.secrets and not provider.event and provider.currency:
            fields = ("id", "amount", "currency", "status", "top_up_code")
            major = provider.amount_unit == "major"
            return Webhook(
                provider=name,
                secret=provider.secrets[0].reveal(),
                bearer=provider.auth == "bearer",
                paths={field: getattr(provider, field) for field in fields},
                paid_status=provider.paid_statuses[0] if provider.paid_statuses else "",
                major=major,
            )
    return None
