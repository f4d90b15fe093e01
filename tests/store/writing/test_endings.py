"""What ends with a keeper is found in the database, whoever else has made things, and however long ago."""

from festival_push.domain.orders.payment_requests import OwnLine, RequestPayment
from festival_push.domain.people.keepers import AppointKeeper, DismissKeeper
from festival_push.domain.people.rights import SuspendUser
from festival_push.domain.stalls.displays import AddDisplay
from festival_push.domain.stalls.pairings import OfferPairing, RequestPairing
from festival_push.domain.values import DisplayId, Instant, PairingId, Part, PaymentRequestId, UserId
from festival_push.store.database import Database
from tests.store.world import BAR, BOSS, World

OWNER, KIM = UserId(BAR), UserId("kim")


async def make(world: World, user_id: UserId, *pairings: str) -> None:
    """A display, a payment request, and if named a screen that waits and a code of this keeper."""
    submit = world.committer.submit
    await submit(AddDisplay(actor_id=user_id, vendor_id=BAR, display_id=DisplayId(f"d-{user_id}"), name="Screen"))
    for name in pairings:
        pairing_id, code_hash = PairingId(f"{name}-{user_id}"), f"{name}-{user_id}"
        await submit(
            OfferPairing(actor_id=user_id, vendor_id=BAR, pairing_id=pairing_id, code_hash=code_hash, name="Screen")
        )
        if name == "typed":
            await submit(RequestPairing(code_hash=code_hash, secret_hash="secret"))
    request = RequestPayment(
        request_id=PaymentRequestId(f"r-{user_id}"), actor_id=user_id, vendor_id=BAR,
        wanted=OwnLine(description="Deposit", amount=200), expires_s=300,
    )  # fmt: skip
    await submit(request)


async def state(database: Database, now: Instant) -> dict[str, list[str]]:
    """What still acts in the stall's name."""
    displays, waiting, codes, requests = await database.read(
        ("SELECT display_id FROM displays WHERE revoked = 0 ORDER BY display_id", ()),
        (
            "SELECT pairing_id FROM pairings WHERE status = 'waiting' AND secret_hash IS NOT NULL ORDER BY pairing_id",
            (),
        ),
        ("SELECT pairing_id FROM pairings WHERE secret_hash IS NULL AND expires_at > $1 ORDER BY pairing_id", (now,)),
        ("SELECT request_id FROM payment_requests WHERE expires_at > $1 ORDER BY request_id", (now,)),
    )
    named = {"displays": displays, "waiting": waiting, "codes": codes, "requests": requests}
    return {name: [str(key) for (key,) in rows] for name, rows in named.items()}


async def test_only_what_the_dismissed_one_has_made_ends(database: Database) -> None:
    async with World(database) as world:
        await world.ground()
        await world.add_user(KIM)
        await world.committer.submit(AppointKeeper(actor_id=BOSS, vendor_id=BAR, user_id=KIM, part=Part.KEEPER))
        await make(world, OWNER, "typed")
        await make(world, KIM, "typed", "code")  # a stall has one code at a time
        world.time = Instant(world.time + 1_000)
        assert await state(database, world.time) == {
            "displays": ["d-bar", "d-kim"], "waiting": ["typed-bar", "typed-kim"], "codes": ["code-kim"],
            "requests": ["r-bar", "r-kim"],
        }  # fmt: skip
        await world.committer.submit(DismissKeeper(actor_id=BOSS, vendor_id=BAR, user_id=KIM))
        assert await state(database, world.time) == {
            "displays": ["d-bar"], "waiting": ["typed-bar"], "codes": [], "requests": ["r-bar"],
        }  # fmt: skip
        await world.committer.submit(SuspendUser(actor_id=BOSS, user_id=OWNER, suspended=True))
        assert await state(database, world.time) == {"displays": [], "waiting": [], "codes": [], "requests": []}
        [[(attended,)]] = await database.read(("SELECT attended FROM vendors", ()))
        assert attended == 0
