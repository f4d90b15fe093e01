"""A festival to try: people, menus and a screen, and the lines to paste into a terminal."""

import shlex
import sys
from pathlib import Path
from typing import Final, NamedTuple

from festival_push.domain.displays import AddDisplay
from festival_push.domain.funds import TopUp
from festival_push.domain.menus import AddMenuItem
from festival_push.domain.people import AddUser
from festival_push.domain.values import DisplayId, ItemId, Role, TransferId, UserId, VendorId, user_account
from festival_push.existing import CommandError
from festival_push.settings import Settings
from festival_push.store.committer import Committer
from festival_push.store.reads import Reads

ADMIN: Final = UserId("organiser")
CUSTOMER: Final = UserId("anna")
STALL: Final = VendorId("falafel")
DISPLAY: Final = DisplayId("screen")
TOP_UP_CODE: Final = "ANNA2026"
PROVIDER: Final = "zeffy"


class _Dish(NamedTuple):
    item_id: str
    vendor_id: str
    name: str
    description: str
    price: int


_PEOPLE: Final = (
    (ADMIN, Role.ADMIN, "Organiser", "DESK2026"),
    (CUSTOMER, Role.CUSTOMER, "Anna", TOP_UP_CODE),
    (UserId("ben"), Role.CUSTOMER, "Ben", "BENN2026"),
    (UserId(STALL), Role.VENDOR, "Falafel Sun", "SUNN2026"),
    (UserId("bar"), Role.VENDOR, "Meadow Bar", "BARR2026"),
)
_MENU: Final = (
    _Dish("falafel-wrap", STALL, "Falafel wrap", "With tahini, pickles and mint", 750),
    _Dish("hummus-plate", STALL, "Hummus plate", "With warm bread", 850),
    _Dish("ayran", STALL, "Ayran", "Cold", 300),
    _Dish("lemonade", "bar", "Lemonade", "Mint and lemon, 0.4 l", 400),
    _Dish("pale-ale", "bar", "Pale ale", "From the village, 0.5 l", 550),
    _Dish("water", "bar", "Water", "Still, 0.5 l", 200),
)

_WELCOME: Final = ((CUSTOMER, 5_000), (UserId("ben"), 2_000))


async def furnish(committer: Committer, reads: Reads) -> None:
    """Bring in what is missing, the welcome money last; a demo that was furnished before is left as it is.

    Raises CommandError where a festival of somebody's own is in the database: invented money could not be taken out.
    """
    if await reads.user(ADMIN) is None and await reads.users(limit=1):
        raise CommandError(
            "this database holds a festival that is not the demo's; name another: DATABASE_URL=sqlite:///var/other.db"
        )
    if all([await reads.transactions(user_account(user_id), limit=1) for user_id, _ in _WELCOME]):
        return
    for user_id, role, name, code in _PEOPLE:
        if await reads.user(user_id) is None:
            await committer.submit(AddUser(user_id=user_id, role=role, name=name, pin_hash=None, top_up_code=code))
    for dish in _MENU:  # putting it up again changes nothing
        await committer.submit(
            AddMenuItem(
                actor_id=ADMIN,
                vendor_id=VendorId(dish.vendor_id),
                item_id=ItemId(dish.item_id),
                name=dish.name,
                description=dish.description,
                price=dish.price,
                available=True,
            )
        )
    await committer.submit(AddDisplay(actor_id=ADMIN, vendor_id=STALL, display_id=DISPLAY, name="Pickup screen"))
    for user_id, amount in _WELCOME:
        if await reads.transactions(user_account(user_id), limit=1):
            continue
        await committer.submit(
            TopUp(
                actor_id=ADMIN,
                user_id=user_id,
                amount=amount,
                method="cash",
                note="Welcome",
                transfer_id=TransferId(f"welcome-{user_id}"),
            )
        )


def guide(url: str, tokens: dict[str, str], settings: Settings, log: Path) -> str:
    """How it goes on: the links, signed in, and the lines to paste; `tokens` by user and display id."""
    file, provider = settings.database.file, settings.funds.get(PROVIDER)
    data = "its PostgreSQL database" if file is None else f"{file} (delete it to begin anew)"
    webhook = ""
    if provider is not None and provider.auth == "standard-webhooks":
        webhook = _webhook_lines(url, provider.secrets[0].reveal())
    return f"""
Festival Push is running; Ctrl-C stops it. The festival stays in {data}; the log is {log}.
Open these side by side (each tab is somebody else):

  customer  {url}/customer/#token={tokens[CUSTOMER]}
  stall     {url}/vendor/#token={tokens[STALL]}
  board     {url}/kiosk/#vendor={STALL}&token={tokens[DISPLAY]}
  admin     {url}/admin/#token={tokens[ADMIN]}

Or from another terminal, with curl. Anna's stream (leave it open and watch):

curl -N -H 'Authorization: Bearer {tokens[CUSTOMER]}' {url}/v1/stream

Anna orders a falafel wrap and an ayran:

curl -s -w '\\n' -X POST {url}/v1/orders -H 'Authorization: Bearer {tokens[CUSTOMER]}' \\
  -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s%N)" \\
  -d '{{"vendorId": "{STALL}", "items": [{{"itemId": "falafel-wrap", "quantity": 1}}, {{"itemId": "ayran", "quantity": 1}}]}}'
{webhook}"""  # noqa: E501 - lines to paste


def _webhook_lines(url: str, secret: str) -> str:
    python = shlex.quote(sys.executable)  # the one that is there for sure
    return f"""
Money comes in by a signed webhook:

ID=demo-$(date +%s%N); TS=$(date +%s)
BODY='{{"id": "'$ID'", "amount": "12.50", "currency": "EUR", "status": "succeeded", "top_up_code": "{TOP_UP_CODE}"}}'
SIG=$(printf '%s' "$ID.$TS.$BODY" | {python} -c 'import base64,hashlib,hmac,sys; print(base64.b64encode(hmac.new(base64.b64decode("{secret.removeprefix("whsec_")}"), sys.stdin.buffer.read(), hashlib.sha256).digest()).decode())')
curl -s -w '\\n' -X POST {url}/v1/webhooks/funds/{PROVIDER} -H 'Content-Type: application/json' \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $TS" -H "webhook-signature: v1,$SIG" -d "$BODY"
"""  # noqa: E501 - lines to paste
