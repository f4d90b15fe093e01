"""After the last order, compare what came on the streams, what the server says now, and what the model expects."""

import asyncio
from collections import Counter
from typing import Final

from festival_push.simulate.facts import Fact
from festival_push.simulate.festival import Festival
from festival_push.simulate.findings import Law
from festival_push.simulate.http.display import Display
from festival_push.simulate.http.follower import Follower
from festival_push.simulate.http.watch import Watch
from festival_push.simulate.http.wire import Me, Overview, Page, Polled, Transaction
from festival_push.simulate.model import Audience
from festival_push.simulate.topics.boards import check_boards
from festival_push.simulate.topics.rooms import HEARD, check_rooms

CAUGHT_UP_S: Final = 20.0
_MAY_COME_TWICE: Final = frozenset({"menu-updated", "tracking-orders"})
"""Events whose command takes no idempotency key: sent again after a lost answer, it takes effect again."""
_OF_OTHERS_TOO: Final = frozenset(
    {"menu-updated", "new-notification", "announcement-changed", "announcement-withdrawn"}
)
"""Events that people outside this simulation may cause as well, and that reach everybody."""


async def settle(festival: Festival, first_transaction: str | None) -> None:
    """Check everything that can only be known at the end. Raises ServerGone.

    Args:
        first_transaction: Id of the ledger's newest transfer before the simulation began; None if there was none.
    """
    await asyncio.gather(*(_catch_up(festival, watch) for watch in festival.watches))
    for follower in festival.followers:
        _compare_facts(festival, follower)
        await asyncio.sleep(0)  # the streams go on meanwhile
    await check_boards(festival)
    check_rooms(festival)
    await asyncio.gather(*(_compare_replay(festival, watch) for watch in festival.watches))
    await asyncio.gather(*(_compare_balance(festival, watch) for watch in festival.wallet_watches))
    ledger = await _read_ledger(festival, first_transaction)
    _check_ledger(festival, ledger)
    _check_conservation(festival)
    await _check_overview(festival)


async def newest_transaction(festival: Festival) -> str | None:
    """Return the id of the ledger's newest transfer; None if there is none."""
    page = await _transactions(festival, "?limit=1")
    return page.items[0].transaction_id if page.items else None


async def _catch_up(festival: Festival, watch: Watch) -> None:
    """Wait until a balance that is asked for now comes on the stream: all events before it have come by then."""
    wanted = watch.refreshes + 1
    answer = await festival.client.post("/v1/balance/refresh", {}, who=watch.person)
    if not festival.client.expect(answer, 200, "balance refresh"):
        return
    try:
        async with asyncio.timeout(CAUGHT_UP_S):
            await watch.refreshed(wanted)
        caught_up = True
    except TimeoutError:
        caught_up = False
    text = f"{watch.person.user_id}: nothing came for {CAUGHT_UP_S:g} s after {watch.position}"
    festival.findings.check(Law.COMPLETE, caught_up, text)


def _compare_facts(festival: Festival, follower: Follower) -> None:
    owner, findings = follower.owner, festival.findings
    came = Counter(event.fact for event in follower.events if event.fact is not None and _is_ours(festival, event.fact))
    audiences: tuple[Audience, ...] = ("people",)
    if isinstance(follower, Display):
        audiences = ("displays",)
    elif follower is festival.organiser_watch:
        for fact in [fact for fact in came if fact[0] in HEARD]:
            del came[fact]  # heard in rooms, and looked at there
    elif isinstance(follower, Watch) and follower.stall is not None:
        audiences = ("people", "stalls")
    foretold = festival.model.facts_of(owner, audiences)
    for fact in came | foretold:
        text = f"{owner}: {fact} came {came[fact]} times instead of {foretold[fact]}"
        findings.check(Law.COMPLETE, came[fact] >= foretold[fact], text)
        if fact[0] not in _MAY_COME_TWICE:
            findings.check(Law.ONCE, came[fact] <= foretold[fact], text)


def _is_ours(festival: Festival, fact: Fact) -> bool:
    """Return whether this simulation caused a fact: other guests' facts for all or the organiser are not foretold."""
    match fact:
        case ("new-transaction", "top-up", *_):
            return fact in festival.model.foretold
        case (event, *_) if event in _OF_OTHERS_TOO:
            return fact in festival.model.foretold
        case ("new-transaction", _, order_id, _):
            return order_id in festival.model.orders or fact in festival.model.foretold
        case _:
            return True


async def _compare_replay(festival: Festival, watch: Watch) -> None:
    """Replay the log by the long poll: it must be what came on the stream, every event, foretold or not."""
    cursor, logged = watch.began, list[tuple[str, str, bytes]]()
    while True:
        answer = await festival.client.get(f"/v1/events?after={cursor}&wait=0", who=watch.person)
        if not festival.client.expect(answer, 200, "long poll"):
            return
        polled = answer.read(Polled)
        if not festival.findings.check(Law.COMPLETE, polled.resumed, f"{watch.person.user_id}: no replay of {cursor}"):
            return
        logged += [(event.id, event.event, bytes(event.data)) for event in polled.events]
        if not polled.events or polled.next == cursor:
            break
        cursor = polled.next
    epoch = watch.began.rpartition(".")[0]
    came = [(f"{epoch}.{event.position}", event.name, event.data.encode()) for event in watch.events]
    if watch.looks_on:  # a room that was left is not in the replay
        came, logged = ([event for event in events if event[1] not in HEARD] for events in (came, logged))
    wrong = next((pair for pair in zip(came, logged, strict=False) if pair[0] != pair[1]), None)
    text = f"{watch.person.user_id}: {wrong and wrong[0][:2]} came, the log has {wrong and wrong[1][:2]}"
    festival.findings.check(Law.COMPLETE, wrong is None, text)


async def _compare_balance(festival: Festival, watch: Watch) -> None:
    answer = await festival.client.get("/v1/me", who=watch.person)
    if festival.client.expect(answer, 200, "me"):
        owner, told = watch.owner, answer.read(Me).balance_of(watch.stall)
        reckoned = festival.model.balances[owner]
        text = f"{owner} has {told}; the stream says {watch.balance}, their commands come to {reckoned}"
        festival.findings.check(Law.BALANCES, told == watch.balance == reckoned, text)


async def _read_ledger(festival: Festival, first: str | None) -> list[Transaction]:
    """Read every transfer after `first`, oldest first."""
    found: list[Transaction] = []
    page = await _transactions(festival, "?limit=200")
    while True:
        for transaction in page.items:
            if transaction.transaction_id == first:
                return found[::-1]
            found.append(transaction)
        if page.next is None:
            return found[::-1]
        page = await _transactions(festival, f"?limit=200&before={page.next}")


async def _transactions(festival: Festival, query: str) -> Page[Transaction]:
    answer = await festival.client.get(f"/v1/admin/transactions{query}", who=festival.organiser)
    return answer.read(Page[Transaction])


def _check_ledger(festival: Festival, ledger: list[Transaction]) -> None:
    """Check that each transfer takes from one account what it gives to another, and starts from their last balances."""
    balances: dict[str, int] = {}
    for one in ledger:
        for account, change, after in (
            (one.debit, -one.amount, one.debit_balance),
            (one.credit, one.amount, one.credit_balance),
        ):
            before = balances.get(account, after - change)
            text = f"transaction {one.transaction_id}: {account} had {before}, {change:+} made it {after}"
            festival.findings.check(Law.MONEY, before + change == after and one.amount > 0, text)
            balances[account] = after
    for watch in festival.wallet_watches:
        account = f"user:{watch.owner}" if watch.stall is None else f"till:{watch.owner}"
        booked, reckoned = balances.get(account, 0), festival.model.balances[watch.owner]
        text = f"the ledger leaves {booked} to {watch.owner}, their commands come to {reckoned}"
        festival.findings.check(Law.MONEY, booked == reckoned, text)


def _check_conservation(festival: Festival) -> None:
    """Check that all money that came in is in a wallet, as the streams tell it, has become fees, or was paid out."""
    wallets = sum(watch.balance for watch in festival.wallet_watches)
    came_in, fees, beside = festival.model.came_in, festival.model.fees, festival.model.beside
    text = f"{came_in} came in, wallets hold {wallets}, fees are {fees}, and beside there are {dict(beside)}"
    festival.findings.check(Law.MONEY, came_in == wallets + fees + beside.total(), text)


async def _check_overview(festival: Festival) -> None:
    answer = await festival.client.get("/v1/admin/overview", who=festival.organiser)
    if festival.client.expect(answer, 200, "overview"):
        seen = answer.read(Overview)
        text = f"the organiser's overview does not add up: {seen}"
        festival.findings.check(Law.MONEY, seen.adds_up, text)


def push_times_s(festival: Festival) -> list[float]:
    """Return the seconds from sending a command until each of its events was on another person's stream.

    Events don't count if their connection is younger than the command: they waited for their reader.
    """
    times_s = []
    for follower in festival.followers:
        for event in follower.events:
            sent_s = None if event.fact is None else festival.model.caused_s(follower.owner, event.fact)
            if sent_s is not None and event.connected_s <= sent_s <= event.came_s:
                times_s.append(event.came_s - sent_s)
    return times_s
