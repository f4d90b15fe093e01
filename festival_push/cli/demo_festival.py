"""The demo's festival: people, menus, a display, and the welcome money."""

from typing import Final, NamedTuple

from festival_push.cli.databases import CommandError
from festival_push.domain.money.funds import TopUp
from festival_push.domain.people.keepers import AppointKeeper
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.rights import MakeCashier
from festival_push.domain.stalls.displays import AddDisplay
from festival_push.domain.stalls.menus import AddMenuItem
from festival_push.domain.stalls.stalls import ChangeVendor
from festival_push.domain.values import DisplayId, ItemId, Part, Role, TransferId, UserId, VendorId, user_account
from festival_push.store.reads.reads import Reads
from festival_push.store.writing.committer import Committer

ADMIN: Final = UserId("organiser")
CUSTOMER: Final = UserId("anna")
BAR: Final = VendorId("bar")  # hands over at once
STALL: Final = VendorId("falafel")
DISPLAY: Final = DisplayId("screen")
CASHIER: Final = UserId("toni")
TAX_RATES_BP: Final = (1_900, 700)
TOP_UP_CODE: Final = "ANNA2026"
PROVIDER: Final = "zeffy"


class _Dish(NamedTuple):
    item_id: str
    vendor_id: str
    name: str
    description: str
    price: int
    tax_bp: int
    deposit: int = 0
    age_min: int = 0
    stock: int | None = None


_CREW: Final = UserId("mira")  # helps at the falafel stall
_PEOPLE: Final = (
    (ADMIN, Role.ADMIN, "Organiser", "DESK2026"),
    (CUSTOMER, Role.CUSTOMER, "Anna", TOP_UP_CODE),
    (UserId("ben"), Role.CUSTOMER, "Ben", "BENN2026"),
    (UserId(STALL), Role.VENDOR, "Falafel Sun", "SUNN2026"),
    (UserId(BAR), Role.VENDOR, "Meadow Bar", "BARR2026"),
    (_CREW, Role.CUSTOMER, "Mira", "MRRA2026"),
    (CASHIER, Role.CUSTOMER, "Toni", "TNNY2026"),
)
_MENU: Final = (
    _Dish("falafel-wrap", STALL, "Falafel wrap", "With tahini, pickles and mint", 750, 700),
    _Dish("hummus-plate", STALL, "Hummus plate", "With warm bread", 850, 700),
    _Dish("ayran", STALL, "Ayran", "Cold", 300, 700),
    _Dish("lemonade", BAR, "Lemonade", "Mint and lemon, 0.4 l", 400, 1_900, deposit=200),
    _Dish("pale-ale", BAR, "Pale ale", "From the village, 0.5 l", 550, 1_900, deposit=200, age_min=16, stock=24),
    _Dish("water", BAR, "Water", "Still, 0.5 l", 200, 1_900),
)

_WELCOME: Final = ((CUSTOMER, 5_000), (UserId("ben"), 2_000))


async def furnish(committer: Committer, reads: Reads) -> None:
    """Add the missing rows of the demo, the welcome money last, because its presence marks the demo as complete.

    A complete one of an older release gets whom the links are for, and keeps its menus as they are.
    Raises CommandError if the database holds another festival: invented money could not be taken out of it.
    """
    if await reads.person(ADMIN) is None and await reads.users(limit=1):
        raise CommandError(
            "this database holds a festival that is not the demo's; name another: DATABASE_URL=sqlite:///var/other.db"
        )
    if all([await reads.transactions(user_account(user_id), limit=1) for user_id, _ in _WELCOME]):
        if await reads.person(CASHIER) is None:
            await _add_people(committer, reads)
        return
    await _add_people(committer, reads)
    for dish in _MENU:
        if await reads.item(ItemId(dish.item_id)) is not None:
            continue
        await committer.submit(
            AddMenuItem(
                actor_id=ADMIN,
                vendor_id=VendorId(dish.vendor_id),
                item_id=ItemId(dish.item_id),
                name=dish.name,
                description=dish.description,
                price=dish.price,
                available=True,
                tax_bp=dish.tax_bp,
                age_min=dish.age_min,
                stock=dish.stock,
                deposit=dish.deposit,
            )
        )
    await committer.submit(ChangeVendor(actor_id=ADMIN, vendor_id=BAR, at_once=True))
    if await reads.display(DISPLAY) is None:
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


async def _add_people(committer: Committer, reads: Reads) -> None:
    """Add who is missing, and give the crew their parts."""
    for user_id, role, name, code in _PEOPLE:
        if await reads.person(user_id) is None:
            await committer.submit(AddUser(user_id=user_id, role=role, name=name, pin_hash=None, top_up_code=code))
    await committer.submit(AppointKeeper(actor_id=ADMIN, vendor_id=STALL, user_id=_CREW, part=Part.KEEPER))
    await committer.submit(MakeCashier(actor_id=ADMIN, user_id=CASHIER, cashier=True))
