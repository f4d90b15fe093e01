"""`festival-push simulate`: what the command line and the settings say, made into a plan; and Ctrl-C."""

import argparse
import asyncio
import secrets
import signal
from collections.abc import Callable
from typing import TextIO

from festival_push.domain.amounts import minor_digits
from festival_push.settings import Settings
from festival_push.simulate.plan import CUSTOMERS_MAX, ORDERS_MAX, SECONDS_MAX, STALLS_MAX, Plan
from festival_push.simulate.run import simulate
from festival_push.simulate.verdict import Verdict
from festival_push.simulate.webhook import Webhook


def add_arguments(simulating: argparse.ArgumentParser) -> None:
    """All that can be chosen."""
    simulating.add_argument("--url", help="of the server; default: as in the settings")
    simulating.add_argument("--admin", metavar="USERID", help="who organises it; default: the database's first admin")
    for name, default, most in (
        ("customers", 25, CUSTOMERS_MAX),
        ("stalls", 4, STALLS_MAX),
        ("orders", 200, ORDERS_MAX),
        ("seconds", 300, SECONDS_MAX),
    ):
        text = f"at most; default: {default}, up to {most}"
        simulating.add_argument(f"--{name}", type=_up_to(most), default=default, metavar="N", help=text)
    simulating.add_argument("--seed", type=int, metavar="N", help="what people do is drawn from it")
    simulating.add_argument("--json", action="store_true", help="print the verdict as JSON")


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: 1 to {most}")
        return int(text)

    return number


def plan_of(parsed: argparse.Namespace, settings: Settings, token: str) -> Plan:
    """The plan; `token` is the organiser's."""
    server = settings.server
    return Plan(
        url=parsed.url or server.public_url or f"http://{server.host}:{server.port}",
        token=token,
        customers=parsed.customers,
        stalls=parsed.stalls,
        orders=parsed.orders,
        seconds=parsed.seconds,
        seed=secrets.randbelow(10**6) if parsed.seed is None else parsed.seed,
        webhook=_webhook(settings),
    )


async def run(plan: Plan, out: TextIO) -> Verdict:
    """Run it. The first Ctrl-C ends it with a verdict, the second one without."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def interrupt() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    return await simulate(plan, stop=stop, out=out)


def _webhook(settings: Settings) -> Webhook | None:
    """The first provider whose secret is at hand."""
    for name, provider in settings.funds.items():
        if provider.secrets:
            fields = ("id", "amount", "currency", "status", "top_up_code")
            major = provider.amount_unit == "major"
            return Webhook(
                provider=name,
                secret=provider.secrets[0].reveal(),
                bearer=provider.auth == "bearer",
                paths={field: getattr(provider, field) for field in fields},
                paid_status=provider.paid_statuses[0] if provider.paid_statuses else "",
                digits=minor_digits(settings.festival.currency) if major else None,
            )
    return None
