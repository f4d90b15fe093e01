"""A festival in fast motion against the real server passes; and each of its verdicts fails when it has a reason to."""

import asyncio
import io
import json
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from festival_push.simulate import guests, keepers, run, settling, trespass, twice
from festival_push.simulate.findings import Law
from festival_push.simulate.http import follower
from festival_push.simulate.http.webhook import Webhook
from festival_push.simulate.pace import Pace, wait_at_most
from festival_push.simulate.plan import Plan, SimulationError
from festival_push.simulate.run import simulate
from festival_push.simulate.verdict import Verdict, render
from tests.support.checker import broken_promises, read_records
from tests.support.doctor import Change, Doctor, Given
from tests.support.servers.server import ROOT, WEBHOOK_SECRET, ServerProcess
from tests.support.timing.waiting import until, until_sync

ADMIN: Final = "organiser"
WEBHOOK: Final = Webhook(
    provider="zeffy",
    secret=WEBHOOK_SECRET,
    bearer=False,
    paths={name: name for name in ("id", "amount", "currency", "status", "top_up_code")},
    paid_status="succeeded",
    major=True,
)


PATIENCE_S: Final = 120.0
SETTINGS: Final = {
    "FESTIVAL__PLATFORM_FEE_BP": "250", "PAYOUTS__FEE": "100", "PAYOUTS__DONATIONS_FOR": "the lifeboats",
    "PAYOUTS__NAME": "Sommerfest e.V.", "PAYOUTS__IBAN": "DE02120300000000202051",
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with fees for all tests here, and an organiser; whatever proxies say, its books are right at the end."""
    home = tmp_path_factory.mktemp("simulated")
    with ServerProcess(home, settings=SETTINGS) as server:
        server.command("user", "add", "admin", "Organiser", "--id", ADMIN)
        yield server
        server.audit()
        assert broken_promises(asyncio.run(read_records(server.database_url))) == []


@pytest.fixture(scope="module")
def token(server: ServerProcess) -> str:
    return server.command("token", ADMIN)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyone is quick, and streams are cut often. A busy machine may take its time to bring what they wait for."""
    monkeypatch.setattr(guests, "PAUSE_S", (0.0, 0.1))
    monkeypatch.setattr(keepers, "STEP_S", (0.0, 0.1))
    monkeypatch.setattr(follower, "STAY_S", (0.1, 0.6))
    monkeypatch.setattr(settling, "CAUGHT_UP_S", PATIENCE_S)
    monkeypatch.setattr(run, "IDLE_S", PATIENCE_S)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For verdicts on what never comes: it is not waited for as long as a slow machine might need to bring it."""
    monkeypatch.setattr(settling, "CAUGHT_UP_S", 2.0)
    monkeypatch.setattr(run, "IDLE_S", 2.0)


async def outcome(
    url: str,
    token: str,
    *,
    orders: int = 12,
    over_s: float | None = None,
    stop: asyncio.Event | None = None,
    out: io.StringIO | None = None,
    others: tuple[str, ...] = (),
) -> Verdict:
    plan = Plan(
        url=url, token=token, customers=4, stalls=3, orders=orders, over_s=over_s, seconds=240,
        seed=secrets.randbelow(10**6), webhook=WEBHOOK, others=others,
    )  # fmt: skip
    return await simulate(plan, stop=stop or asyncio.Event(), out=out or io.StringIO())


async def test_two_servers_over_one_database_are_as_one(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    """Each request, each repetition and each stream goes to the other server than the one before."""
    start = partial(ServerProcess, tmp_path, database_url=postgres_url, redis_url=redis_url, settings=SETTINGS)
    with start() as one, start() as other:
        one.command("user", "add", "admin", "Organiser", "--id", ADMIN)
        verdict = await outcome(one.url, one.command("token", ADMIN), orders=60, others=(other.url,))
        assert verdict.ok, render(verdict)
        assert verdict.orders == 60
        one.audit()


async def test_a_real_server_keeps_every_promise(server: ServerProcess, token: str) -> None:
    verdict = await outcome(server.url, token, orders=80)
    assert verdict.ok, render(verdict)
    assert verdict.orders == 80
    assert verdict.events > 1_000
    assert verdict.reconnects >= 5
    assert min(seen.checked for seen in verdict.laws.values()) > 0, verdict.laws


async def test_the_desk_and_the_treasurer_have_done_their_part(server: ServerProcess, token: str) -> None:
    """The office of the same server, read afterwards: nothing waits, and what the simulation says of it is there."""
    async with httpx2.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {token}"}) as http:

        async def read(path: str) -> Any:
            answer = await http.get(path)
            assert answer.is_success, answer.text
            return answer.json()

        before = await read("/v1/admin/overview")
        verdict = await outcome(server.url, token)
        assert verdict.ok, render(verdict)
        after = await read("/v1/admin/overview")
        (drawer,) = (await read("/v1/admin/drawers?limit=1"))["items"]
        assert (drawer["status"], drawer["difference"], drawer["reason"]) == ("closed", -250, "Miscounted change")
        assert after.get("differences", 0) - before.get("differences", 0) == -250
        assert after.get("donations", 0) - before.get("donations", 0) == 100
        assert after["payoutsRequested"] == before["payoutsRequested"]
        assert after["paidOut"] > before["paidOut"]
        (run_,) = (await read("/v1/admin/payout-runs?limit=1"))["items"]
        paid = (await read(f"/v1/admin/payout-runs/{run_['runId']}"))["items"]
        assert run_["status"] == "sent"
        assert {payout["account"] for payout in paid} == {"wallet", "till"}
        (books,) = (await read("/v1/admin/z-reports?limit=1"))["items"]
        assert books["orders"] >= verdict.orders


async def test_what_others_have_asked_for_is_not_paid(server: ServerProcess, token: str) -> None:
    """On a server that other people use, too, a run takes nobody else's payout along."""
    async with httpx2.AsyncClient(base_url=server.url) as http:
        boss = {"Authorization": f"Bearer {token}"}
        made = (await http.post("/v1/auth/register", json={"name": "Somebody", "pin": "739146"})).json()
        http.cookies.clear()
        top_up = {"userId": made["userId"], "amount": 2_000, "method": "card"}
        await http.post("/v1/admin/top-ups", json=top_up, headers={**boss, "Idempotency-Key": secrets.token_hex(8)})
        bank = {"amount": 500, "iban": "DE89370400440532013000", "accountHolder": "Somebody"}
        own = {"Authorization": f"Bearer {made['token']}"}
        asked = await http.post("/v1/payouts", json=bank, headers={**own, "Idempotency-Key": secrets.token_hex(8)})
        assert asked.status_code == 201, asked.text
        verdict = await outcome(server.url, token)
        assert verdict.ok, render(verdict)
        (payout,) = (await http.get("/v1/me/payouts", headers=own)).json()["items"]
        assert (payout["status"], payout.get("runId")) == ("requested", None)


async def test_repeats_and_what_is_forbidden_are_tried_whatever_the_dice_say(
    server: ServerProcess, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None: ...

    tried = []

    async def attempt(*arguments: Any) -> None:
        tried.append(arguments[2])
        await make(*arguments)

    make = trespass._try
    monkeypatch.setattr(trespass, "_try", attempt)
    monkeypatch.setattr(twice, "REPEATED", 0.0)
    monkeypatch.setattr(guests, "trespass", nothing)
    monkeypatch.setattr(keepers, "trespass_at_stall", nothing)
    verdict = await outcome(server.url, token)
    assert verdict.ok, render(verdict)
    assert verdict.repeats == 1
    assert tried == [*trespass._CUSTOMERS, *trespass._STALLS]


async def test_one_that_is_stopped_finishes_what_it_began(server: ServerProcess, token: str) -> None:
    stop = asyncio.Event()
    stop.set()
    verdict = await outcome(server.url, token, orders=10_000, stop=stop)
    assert verdict.findings == []
    assert verdict.interrupted
    assert verdict.orders < 100


async def test_a_rush_is_the_same_festival_with_its_orders_spread(
    server: ServerProcess, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_s, out = [0.0], io.StringIO()

    async def jump(_stopping: asyncio.Event, seconds: float) -> None:
        passed_s[0] += seconds

    monkeypatch.setattr(run, "Pace", partial(Pace, clock_s=lambda: passed_s[0], wait=jump))
    verdict = await outcome(server.url, token, over_s=3_600, out=out)
    assert verdict.ok, render(verdict)
    assert verdict.orders == 12
    assert passed_s == [3_300], "the last order's time"
    assert "\n12 orders are expected over 3600 s\n" in out.getvalue()


async def test_a_rush_that_is_stopped_waits_for_no_further_order(
    server: ServerProcess, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()

    async def wait(stopping: asyncio.Event, seconds: float) -> None:
        stop.set()  # Ctrl-C, while a guest waits for the second order
        await wait_at_most(stopping, seconds)

    monkeypatch.setattr(run, "Pace", partial(Pace, wait=wait))
    verdict = await outcome(server.url, token, over_s=36_000, stop=stop)
    assert verdict.findings == []
    assert verdict.interrupted
    assert verdict.orders <= 1  # the first one may have been refused


async def test_several_processes_keep_them_too(tmp_path: Path, redis_url: str) -> None:
    with ServerProcess(tmp_path, redis_url=redis_url, settings={"SERVER__WORKERS": "2"}) as server:
        server.command("user", "add", "admin", "Organiser", "--id", ADMIN)
        verdict = await outcome(server.url, server.command("token", ADMIN), orders=80)
        server.terminate()
    assert verdict.ok, render(verdict)


def event_of(frame: bytes) -> str:
    found = re.search(rb"^event: (.*)$", frame, re.MULTILINE)
    return "" if found is None else found[1].decode()


def dropped(event: str) -> Callable[[bytes], Iterable[bytes]]:
    return lambda frame: [] if event_of(frame) == event else [frame]


def unnoticed(frame: bytes) -> Iterable[bytes]:
    """No notification that an order is ready; only announcements are foretold."""
    return [] if event_of(frame) == "new-notification" and b'"type":"order"' in frame else [frame]


def repeated(frame: bytes) -> Iterable[bytes]:
    return [frame] * (2 if event_of(frame) == "order-ready" else 1)


def reordered() -> Callable[[bytes], Iterable[bytes]]:
    """Each `order-ready` comes after the event that follows it."""
    held: list[bytes] = []

    def change(frame: bytes) -> Iterable[bytes]:
        if event_of(frame) == "order-ready":
            held.append(frame)
            return []
        late, held[:] = list(held), []
        return [frame, *late]

    return change


def told_again() -> Callable[[bytes], Iterable[bytes]]:
    """Each notification that an order is ready becomes a second `order-ready`, with an id of its own."""
    ready: list[bytes] = []

    def change(frame: bytes) -> Iterable[bytes]:
        if event_of(frame) == "order-ready":
            ready[:] = [frame.partition(b"\n")[2]]
        if event_of(frame) == "new-notification" and b'"type":"order"' in frame and ready:
            return [frame.partition(b"\n")[0] + b"\n" + ready.pop()]
        return [frame]

    return change


def replaced(event: str, old: bytes, new: bytes) -> Callable[[bytes], Iterable[bytes]]:
    return lambda frame: [re.sub(old, new, frame) if event_of(frame) == event else frame]


FRAMES: Final[dict[str, tuple[Callable[[], Callable[[bytes], Iterable[bytes]]], Law]]] = {
    "an event that was foretold is lost": (lambda: dropped("payment-completed"), Law.COMPLETE),
    "an event that nobody foretold is lost": (lambda: unnoticed, Law.COMPLETE),
    "an event comes twice": (lambda: repeated, Law.ONCE),
    "something is told twice": (told_again, Law.ONCE),
    "two events change places": (reordered, Law.ORDER),
    "an order jumps": (lambda: replaced("order-status-changed", rb'"ready"', b'"pending"'), Law.STEPS),
    "a balance is a cent too high": (
        lambda: replaced("balance-updated", rb'"newBalance":(\d*)\d', rb'"newBalance":\g<1>7'), Law.BALANCES
    ),
    "a board shows a number that nobody has": (
        lambda: replaced("board-updated", rb'"preparing":\[\]', b'"preparing":[998]'), Law.BOARDS
    ),
    "an event can't be read": (lambda: replaced("order-ready", rb'"number":', b'"number" '), Law.ANSWERS),
}  # fmt: skip


@pytest.mark.parametrize("case", FRAMES)
async def test_a_stream_that_is_not_right_is_found(server: ServerProcess, token: str, case: str) -> None:
    change, law = FRAMES[case]
    async with Doctor(server.url, frames=change()) as doctor:
        verdict = await outcome(doctor.url, token)
    assert verdict.laws[law].broken, render(verdict)
    assert not verdict.ok
    assert any(text.startswith(law) for text in verdict.findings) or len(verdict.findings) > 1


def wrong_ledger(path: str, given: Given) -> Given:
    if not path.startswith("/v1/admin/transactions"):
        return given
    one_more = re.sub(
        rb'"creditBalance":(-?\d+)', lambda found: b'"creditBalance":%d' % (int(found[1]) + 1), given.body
    )
    return Given(given.status, one_more)


def wrong_overview(path: str, given: Given) -> Given:
    return Given(given.status, given.body.replace(b'"held":', b'"held":1')) if path.endswith("/overview") else given


def wrong_balance(path: str, given: Given) -> Given:
    return (
        Given(given.status, re.sub(rb'"balance":(\d+)', rb'"balance":1\g<1>', given.body))
        if path == "/v1/me"
        else given
    )


def wrong_total(path: str, given: Given) -> Given:
    if path == "/v1/orders" and given.status == 201:
        return Given(201, re.sub(rb'"total":(\d+),"refunded"', rb'"total":1\g<1>,"refunded"', given.body))
    return given


def too_kind(_: str, given: Given) -> Given:
    return Given(200, b"{}") if given.status in {403, 404} else given


def failing(path: str, given: Given) -> Given:
    return Given(500, b"{}") if path.endswith("/status") and given.status == 200 else given


def wrong_drawer(path: str, given: Given) -> Given:
    """A drawer forgets some cash that it got."""
    return wrong_number(given, rb'"topUps":(\d+)') if path.startswith("/v1/admin/drawers/") else given


def wrong_deposit(path: str, given: Given) -> Given:
    """More comes back for cups than they cost."""
    return wrong_number(given, rb'"total":(\d+)') if path.endswith("/claim") else given


def wrong_report(path: str, given: Given) -> Given:
    return wrong_number(given, rb'"sales":(\d+)') if path.startswith("/v1/admin/reports?") else given


def wrong_settlements(path: str, given: Given) -> Given:
    """Every stall is owed ten times as much."""
    if not path.startswith("/v1/admin/settlements.csv"):
        return given
    return Given(given.status, re.sub(rb'"(\d+)\.(\d\d)"', rb'"\g<1>0.\g<2>"', given.body))


def wrong_taxes(path: str, given: Given) -> Given:
    return wrong_number(given, rb'"gross":(\d+)') if path.endswith("/z-reports") else given


def wrong_bank_file(path: str, given: Given) -> Given:
    """The bank pays somebody a cent more."""
    if not path.endswith("/sepa.xml"):
        return given
    return Given(given.status, re.sub(rb"(<InstdAmt[^>]*>)(\d)", rb"\g<1>1\g<2>", given.body, count=1))


def wrong_table(path: str, given: Given) -> Given:
    """The table of a run has lost its last payout."""
    if path.startswith("/v1/admin/payout-runs/") and path.endswith(".csv"):
        return Given(given.status, given.body.rstrip(b"\r\n").rpartition(b"\r\n")[0] + b"\r\n")
    return given


def unpaid(path: str, given: Given) -> Given:
    """Payouts that were sent to the bank still wait."""
    if not path.startswith("/v1/me/payouts"):
        return given
    return Given(given.status, given.body.replace(b'"status":"completed"', b'"status":"requested"'))


def paid_again() -> Change:
    """Whoever is too late to pay a request pays it, too."""
    paid: dict[str, asyncio.Future[Given]] = {}

    async def change(path: str, given: Given) -> Given:
        if not path.endswith("/pay"):
            return given
        first = paid.setdefault(path, asyncio.get_running_loop().create_future())
        if given.status == 201 and not first.done():
            first.set_result(given)
        if b'"already-paid"' not in given.body:
            return given
        return await asyncio.wait_for(asyncio.shield(first), PATIENCE_S)  # its answer may come after this one

    return change


def oversold(path: str, given: Given) -> Given:
    """One piece more is left than there can be."""
    return wrong_number(given, rb'"stock":(\d+)') if path.endswith("/menu") and given.status == 200 else given


def wrong_number(given: Given, pattern: bytes) -> Given:
    """All numbers of this name are one more."""

    def one_more(found: re.Match[bytes]) -> bytes:
        return found[0].replace(found[1], b"%d" % (int(found[1]) + 1))

    return Given(given.status, re.sub(pattern, one_more, given.body))


ANSWERS: Final[dict[str, tuple[Change, Law]]] = {
    "the ledger does not go on where it was": (wrong_ledger, Law.MONEY),
    "the overview does not add up": (wrong_overview, Law.MONEY),
    "the server tells another balance": (wrong_balance, Law.BALANCES),
    "an order costs more than the menu says": (wrong_total, Law.MONEY),
    "strangers are let in": (too_kind, Law.REFUSALS),
    "a step fails": (failing, Law.ANSWERS),
    "a drawer has other cash than was taken": (wrong_drawer, Law.CASH),
    "cups bring more than they cost": (wrong_deposit, Law.MONEY),
    "a report has sold what nobody ordered": (wrong_report, Law.FIGURES),
    "a Z report's tax is not that of its sales": (wrong_taxes, Law.FIGURES),
    "the file of settlements is wrong": (wrong_settlements, Law.FIGURES),
    "the bank's file pays more": (wrong_bank_file, Law.FIGURES),
    "the table of a run lacks a payout": (wrong_table, Law.FIGURES),
    "what the bank has is not paid": (unpaid, Law.STEPS),
    "a payment request is paid twice": (paid_again(), Law.REPEATS),
    "more is left than there can be": (oversold, Law.FIGURES),
}


@pytest.mark.parametrize("case", ANSWERS)
@pytest.mark.usefixtures("impatience")
async def test_an_answer_that_is_not_right_is_found(server: ServerProcess, token: str, case: str) -> None:
    change, law = ANSWERS[case]
    async with Doctor(server.url, answer=change) as doctor:
        verdict = await outcome(doctor.url, token)
    assert verdict.laws[law].broken, render(verdict)
    assert not verdict.ok


def forget_completed(path: str, given: Given) -> Given:
    """No `payment-completed` in the long poll either."""
    if not path.startswith("/v1/events"):
        return given
    polled = json.loads(given.body)
    polled["events"] = [event for event in polled["events"] if event["event"] != "payment-completed"]
    return Given(given.status, json.dumps(polled, separators=(",", ":"), ensure_ascii=False).encode())


async def test_an_event_that_never_was_is_missed(server: ServerProcess, token: str) -> None:
    async with Doctor(server.url, frames=dropped("payment-completed"), answer=forget_completed) as doctor:
        verdict = await outcome(doctor.url, token)
    assert verdict.laws[Law.COMPLETE].broken, render(verdict)
    assert all("payment-completed" in text for text in verdict.findings), render(verdict)


def forget_key(headers: MutableMapping[str, str]) -> None:
    if "idempotency-key" in headers:
        headers["idempotency-key"] = secrets.token_hex(8)


def forget_cursor(headers: MutableMapping[str, str]) -> None:
    headers.pop("last-event-id", None)


@pytest.mark.usefixtures("impatience")
@pytest.mark.parametrize(("change", "law"), [(forget_key, Law.REPEATS), (forget_cursor, Law.COMPLETE)])
async def test_a_server_that_forgets_is_found(
    server: ServerProcess, token: str, change: Callable[[MutableMapping[str, str]], None], law: Law
) -> None:
    async with Doctor(server.url, request=change) as doctor:
        verdict = await outcome(doctor.url, token)
    assert verdict.laws[law].broken, render(verdict)


async def test_the_proxy_alone_breaks_nothing(
    server: ServerProcess, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "STAY_S", (3600.0, 3600.0))  # so that whatever happens comes live, and is measured
    async with Doctor(server.url) as doctor:
        verdict = await outcome(doctor.url, token, orders=40)
    assert verdict.ok, render(verdict)
    assert verdict.reconnects == 0
    assert verdict.push_ms is not None
    assert verdict.push_ms.count > 100


async def test_not_now_is_waited_for_and_asked_again(server: ServerProcess, token: str) -> None:
    answers = count(1)

    def not_now(path: str, given: Given) -> Given:
        """Every fifth order is placed, and the answer is that it should come again."""
        return Given(429, b"{}") if path == "/v1/orders" and next(answers) % 5 == 0 else given

    async with Doctor(server.url, answer=not_now) as doctor:
        verdict = await outcome(doctor.url, token, orders=20)
    assert verdict.ok, render(verdict)
    assert verdict.orders == 20


async def test_a_server_that_is_killed_and_started_again_passes(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        server.command("user", "add", "admin", "Organiser", "--id", ADMIN)
        running = asyncio.create_task(outcome(server.url, server.command("token", ADMIN), orders=60))

        async def sells() -> bool:
            return await asyncio.to_thread(orders_of, server) >= 20

        await until(sells, within_s=240)
        server.kill()
        await asyncio.to_thread(server.start)
        verdict = await running
    assert verdict.ok, render(verdict)
    assert verdict.orders == 60


def orders_of(server: ServerProcess) -> int:
    return len(asyncio.run(read_records(server.database_url)).orders)


async def test_what_can_not_begin_says_why(server: ServerProcess, token: str) -> None:
    with pytest.raises(SimulationError, match="organiser"):
        await outcome(server.url, "nonsense")
    with pytest.raises(SimulationError, match="http"):
        await outcome("nowhere", token)


# The command


def command(server: ServerProcess, *arguments: str) -> subprocess.Popen[str]:
    line = [
        sys.executable,
        "-m",
        "festival_push",
        "simulate",
        "--config",
        str(ROOT / "config.toml"),
        "--url",
        server.url,
    ]
    return subprocess.Popen(
        [*line, *arguments], env=server.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_the_command_prints_the_verdict(server: ServerProcess) -> None:
    with command(server, "--orders", "12", "--customers", "4", "--stalls", "2", "--seed", "7", "--json") as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode == 0, out + err
    verdict = json.loads(out)
    assert verdict["ok"]
    assert (verdict["orders"], verdict["seed"]) == (12, 7)
    assert set(verdict["laws"]) == set(Law)


def test_ctrl_c_ends_it_with_the_verdict_so_far(server: ServerProcess) -> None:
    before = orders_of(server)
    with command(server, "--orders", "20000") as process:
        until_sync(lambda: orders_of(server) > before or process.poll() is not None, 240, "it has begun to sell")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=240)
    assert process.returncode == 0, out + err
    assert out.endswith("Every promise held (stopped early).\n")


async def test_a_broken_promise_ends_with_1(server: ServerProcess) -> None:
    async with Doctor(server.url, frames=repeated) as doctor:
        line = ["simulate", "--config", str(ROOT / "config.toml"), "--url", doctor.url, "--admin", ADMIN]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "festival_push", *line, "--orders", "8", "--customers", "3",
            env=server.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 240)
    assert process.returncode == 1, out + err
    assert b"A PROMISE WAS BROKEN" in out
    assert b"every event once: " in out
