"""`festival-push demo`: a festival to try, with links that are signed in and lines to paste into a terminal."""

import argparse
import asyncio
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Final

from festival_push.app import open_store, tokens_of
from festival_push.cli.databases import CommandError
from festival_push.cli.demo_festival import (
    ADMIN,
    BAR,
    CASHIER,
    CUSTOMER,
    DISPLAY,
    PROVIDER,
    STALL,
    TAX_RATES_BP,
    TOP_UP_CODE,
    furnish,
)
from festival_push.cli.loading import load
from festival_push.cli.people.token import session_token
from festival_push.cli.serve import run_server
from festival_push.domain.money.amounts import Currency, major_text
from festival_push.ops.logs import configure_logs
from festival_push.settings import DEMO_DATABASE_URL, Settings
from festival_push.settings.development import development_secrets, state_folder
from festival_push.settings.variables import LOG_VARIABLE
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.claims import DISPLAY_TTL_S, TokenUse

_SETTINGS: Final = {
    "festival.tax_rates_bp": json.dumps(TAX_RATES_BP),
    "payouts.donations_for": "the village school",
    "payouts.name": "Meadow Festival",
    "payouts.iban": "DE02120300000000202051",  # of examples; nobody's
}
"""What the demo shows where the settings say nothing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no options."""


def run(parsed: argparse.Namespace) -> int:
    """Put the festival into the database, serve it, and print the guide. Raises CommandError; always in production."""
    os.environ.setdefault("FESTIVAL_PUSH_SERVER__ACCESS_LOG", "false")  # so that the demo's log stays small
    settings = load(parsed, database_url=DEMO_DATABASE_URL)
    if settings.production:
        raise CommandError("the demo is not for production")
    for name, value in _SETTINGS.items():
        section, key = name.split(".")
        if not getattr(getattr(settings, section), key):  # by the environment, so that each worker has it
            os.environ[f"FESTIVAL_PUSH_{section}__{key}".upper()] = value
    settings = load(parsed, database_url=DEMO_DATABASE_URL)
    settings = development_secrets(settings)
    log = state_folder(settings) / "demo.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[LOG_VARIABLE] = str(log.absolute())
    configure_logs()
    asyncio.run(furnish_database(settings))
    session, links = asyncio.run(_sign_in(settings))
    other_port = settings.server.port % 65_535 + 1
    code = run_server(
        settings,
        lambda url: print(guide(url, session, links, settings, log), flush=True),
        f"try another: PORT={other_port} make run",
    )
    if code:
        raise CommandError(f"the demo has ended; {log} says why")
    return 0


async def furnish_database(settings: Settings) -> None:
    """Put the demo's festival into the database. Raises CommandError as `furnish`."""
    async with open_store(settings) as store:
        await furnish(store.committer, Reads(store.database))


async def _sign_in(settings: Settings) -> tuple[str, dict[str, str]]:
    """Return the customer's session, and a token for each of the guide's links by user and display id."""
    session = await session_token(settings, CUSTOMER)
    people = (CUSTOMER, STALL, BAR, CASHIER, ADMIN)
    links: dict[str, str] = {user_id: await session_token(settings, user_id, use=TokenUse.LINK) for user_id in people}
    screen = tokens_of(settings).issue(DISPLAY, TokenUse.DISPLAY, DISPLAY_TTL_S)
    return session, links | {DISPLAY: screen.token}


def guide(url: str, session: str, links: dict[str, str], settings: Settings, log: Path) -> str:
    """Return the text that a demo shows: links that sign in, and lines to paste.

    Args:
        session: The customer's token, for the lines.
        links: The tokens of the links, by user and display id.
    """
    file, provider = settings.database.file, settings.funds.get(PROVIDER)
    data = "its PostgreSQL database" if file is None else f"{file} (delete it to begin anew)"
    webhook = ""
    if provider is not None and provider.auth == "standard-webhooks":
        webhook = _webhook_lines(url, provider.secrets[0].reveal(), settings.currency())
    return f"""
Festival Push is running; Ctrl-C stops it. The festival stays in {data}; the log is {log}.
Open these side by side (each tab asks, and then is somebody else):

  customer  {url}/customer/#token={links[CUSTOMER]}
  stall     {url}/vendor/#token={links[STALL]}
  bar       {url}/vendor/#token={links[BAR]}
  board     {url}/kiosk/#vendor={STALL}&token={links[DISPLAY]}
  desk      {url}/desk/#token={links[CASHIER]}
  admin     {url}/admin/#token={links[ADMIN]}

Or from another terminal, with curl. Anna's stream (leave it open and watch):

curl -N -H 'Authorization: Bearer {session}' {url}/v1/stream

Anna orders a falafel wrap and an ayran:

curl -s -w '\\n' -X POST {url}/v1/orders -H 'Authorization: Bearer {session}' \\
  -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s%N)" \\
  -d '{{"vendorId": "{STALL}", "items": [{{"itemId": "falafel-wrap", "quantity": 1}}, {{"itemId": "ayran", "quantity": 1}}]}}'
{webhook}"""  # noqa: E501 - lines to paste


def _webhook_lines(url: str, secret: str, currency: Currency) -> str:
    amount = major_text(1_250, currency)
    python = shlex.quote(sys.executable)  # the one interpreter that surely exists
    return f"""
Money comes in by a signed webhook:

ID=demo-$(date +%s%N); TS=$(date +%s)
BODY='{{"id": "'$ID'", "amount": "{amount}", "currency": "{currency.code}", "status": "succeeded", "top_up_code": "{TOP_UP_CODE}"}}'
SIG=$(printf '%s' "$ID.$TS.$BODY" | {python} -c 'import base64,hashlib,hmac,sys; print(base64.b64encode(hmac.new(base64.b64decode("{secret.removeprefix("whsec_")}"), sys.stdin.buffer.read(), hashlib.sha256).digest()).decode())')
curl -s -w '\\n' -X POST {url}/v1/webhooks/funds/{PROVIDER} -H 'Content-Type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $TS" -H "webhook-signature: v1,$SIG" -d "$BODY"
"""  # noqa: E501 - lines to paste
