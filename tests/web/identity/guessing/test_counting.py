"""Wrong PINs over HTTP: counted before they are looked at, for unknown names too, in all processes together."""

import asyncio
from pathlib import Path
from typing import Final

import httpx2
import pytest

from festival_push.domain.signing_in.guesses import FREE
from festival_push.settings import Limits
from festival_push.store.opening import open_database
from festival_push.store.sql import Rows, Statement, Write
from festival_push.store.sqlite.writer import SqliteWriter
from festival_push.web.identity.pins import Pins
from tests.support.wire.proofs import proof_for
from tests.web.edge import open_edge, problem_of, settings_for

LOGIN: Final = "/v1/auth/login"
PIN: Final = "280951"
WRONG: Final = "000000"
HOUR_MS: Final = 3_600_000
PER_HOUR: Final = 8
LIMITS: Final = Limits(wrong_pins_per_hour=PER_HOUR)


async def login(client: httpx2.AsyncClient, name: str, pin: str = WRONG, proof: str = "") -> httpx2.Response:
    headers = {"Proof-Of-Work": proof} if proof else {}
    return await client.post(LOGIN, json={"signIn": name, "pin": pin}, headers=headers)


async def test_guesses_are_counted_before_they_are_looked_at_for_nobody_too(tmp_path: Path) -> None:
    async with open_edge(tmp_path) as edge:
        await edge.add("anna", pin=PIN)
        for name in ("anna", "nobody"):
            answers = await asyncio.gather(*(login(edge.client, name) for _ in range(15)))
            assert sorted(response.status_code for response in answers) == [401] * FREE + [429] * (15 - FREE)
            late = await login(edge.client, name, PIN)
            body = problem_of(late, 429, "too-many-tries")
            assert body["retryable"] is True
            assert int(late.headers["retry-after"]) == body["retryAfter"] == 1
        edge.clock.now_ms += 1_000
        assert (await login(edge.client, "anna", PIN)).status_code == 200


@pytest.mark.parametrize("limits", [Limits(), LIMITS])
async def test_no_answer_tells_who_exists_also_after_a_restart(tmp_path: Path, limits: Limits) -> None:
    """Two apps over one database, as two processes; then both are started again, and what they say goes on."""
    names = ("anna", "nobody")
    told: dict[str, list[tuple[int, str, str | None]]] = {name: [] for name in names}
    waits = [0] * 7 + [1_000, 2_000, 1_000, 4_000, 0, 0, 900_000, 0, 250_500] + [0] * 6
    for restart in range(2):
        for name in names:  # one after the other, each over a database of its own, so that both have the same budgets
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            settings = settings_for(limits=limits)
            async with open_edge(folder, settings=settings) as one, open_edge(folder, settings=settings) as other:
                if not restart and name == "anna":
                    await one.add("anna", pin=PIN)
                for number, wait_ms in enumerate(waits):
                    for edge in (one, other):
                        edge.clock.now_ms += wait_ms + restart * 60_000
                    response = await login((one, other)[number % 2].client, name)
                    body = response.json()
                    body.pop("proof", None)  # made anew each time
                    told[name].append((response.status_code, str(body), response.headers.get("retry-after")))
    assert told["anna"] == told["nobody"]
    assert {status for status, _, _ in told["anna"]} == {401, 429}


async def test_known_and_unknown_names_take_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same commands, statements and hashing, whoever is asked for: no clock can tell them apart."""
    async with open_edge(tmp_path) as edge:
        await edge.add("anna", pin=PIN)
        await edge.add("keyless")
        seen: list[str] = []

        begin, select, commit, verify = SqliteWriter.begin, SqliteWriter.select, SqliteWriter.commit, Pins.verify

        async def noted_begin(self: SqliteWriter, *selects: Statement) -> list[Rows]:
            seen.extend(sql for sql, _ in selects)
            return await begin(self, *selects)

        async def noted_select(self: SqliteWriter, *selects: Statement) -> list[Rows]:
            seen.extend(sql for sql, _ in selects)
            return await select(self, *selects)

        async def noted_commit(self: SqliteWriter, *writes: Write) -> None:
            seen.extend(f"{len(rows)} of {sql}" for sql, rows in writes)
            await commit(self, *writes)

        async def noted_verify(self: Pins, pin_hash: str | None, pin: str, queue: str) -> bool:
            seen.append("verify")
            return await verify(self, pin_hash, pin, queue)

        for where, name, noted in (
            (SqliteWriter, "begin", noted_begin),
            (SqliteWriter, "select", noted_select),
            (SqliteWriter, "commit", noted_commit),
            (Pins, "verify", noted_verify),
        ):
            monkeypatch.setattr(where, name, noted)
        ways = []
        for name in ("anna", "nobody", "keyless", "an-na"):
            seen.clear()
            await login(edge.client, name)
            ways.append(list(seen))
        assert ways[0].count("verify") == 1
        assert len(ways[0]) > 3
        assert all(way == ways[0] for way in ways)


async def test_the_right_pin_forgives_what_was_wrong(tmp_path: Path) -> None:
    async with open_edge(tmp_path) as edge:
        await edge.add("anna", pin=PIN)
        for _ in range(3):
            for _ in range(FREE - 1):
                problem_of(await login(edge.browser(), "anna"), 401, "invalid-credentials")
            assert (await login(edge.browser(), "anna", PIN)).status_code == 200


async def test_a_device_that_has_signed_in_before_is_not_kept_out(tmp_path: Path) -> None:
    """Neither by guesses at the account, nor by those of its address and all others."""
    async with open_edge(tmp_path, settings=settings_for(limits=LIMITS)) as edge:
        await edge.add("anna", pin=PIN)
        phone, strangers = edge.browser(), edge.browser()
        assert (await login(phone, "anna", PIN)).status_code == 200
        for _ in range(FREE):
            await login(strangers, "anna")
        problem_of(await login(strangers, "anna", PIN), 429, "too-many-tries")
        for number in range(PER_HOUR):
            await login(strangers, f"nobody{number}")
        problem_of(await login(strangers, "nobody", PIN), 429, "rate-limited")
        assert (await login(phone, "A N N A", PIN)).status_code == 200
        for _ in range(FREE):
            problem_of(await login(phone, "anna"), 401, "invalid-credentials")
        problem_of(await login(phone, "anna", PIN), 429, "too-many-tries")  # it has a budget too, of its own
        edge.clock.now_ms += 1_000
        assert (await login(phone, "anna", PIN)).status_code == 200
        problem_of(await login(phone, "ben"), 429, "rate-limited")  # it is known for Anna alone


async def test_an_address_that_guesses_has_to_work_and_others_do_not(tmp_path: Path) -> None:
    async with open_edge(tmp_path, settings=settings_for(limits=LIMITS)) as edge:
        await edge.add("anna", pin=PIN)
        for number in range(PER_HOUR):
            problem_of(await login(edge.browser(), f"stall{number}"), 401, "invalid-credentials")
        refused = await login(edge.browser(), "anna", PIN)
        problem = problem_of(refused, 429, "rate-limited")
        assert int(refused.headers["retry-after"]) == problem["retryAfter"] == HOUR_MS // PER_HOUR // 1000
        assert (await login(edge.browser(), "anna", PIN, proof_for(problem["proof"]))).status_code == 200
        elsewhere = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(edge.app, client=("192.0.2.7", 1)), base_url="http://fest.test"
        )
        assert (await login(elsewhere, "anna", PIN)).status_code == 200
        edge.clock.now_ms += HOUR_MS // PER_HOUR
        assert (await login(edge.browser(), "anna", PIN)).status_code == 200


async def test_addresses_of_one_site_count_as_one(tmp_path: Path) -> None:
    async with open_edge(tmp_path, settings=settings_for(limits=LIMITS)) as edge:
        statuses = []
        for number in range(PER_HOUR + 1):
            transport = httpx2.ASGITransport(edge.app, client=(f"2001:db8:1:{number:x}::1", 1))
            client = httpx2.AsyncClient(transport=transport, base_url="http://fest.test")
            statuses.append((await login(client, f"x{number}")).status_code)
        assert statuses == [401] * PER_HOUR + [429]


async def test_many_addresses_together_have_to_work_too(tmp_path: Path) -> None:
    async with open_edge(tmp_path, settings=settings_for(limits=LIMITS)) as edge:
        await edge.add("anna", pin=PIN)

        def at(number: int) -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(edge.app, client=(f"192.0.2.{number}", 1))
            return httpx2.AsyncClient(transport=transport, base_url="http://fest.test")

        for number in range(10 * PER_HOUR):
            problem_of(await login(at(number), f"x{number}"), 401, "invalid-credentials")
        problem = problem_of(await login(at(200), "anna", PIN), 429, "rate-limited")
        assert (await login(at(200), "anna", PIN, proof_for(problem["proof"]))).status_code == 200
        assert edge.services.guessing.watch.refused == {"everyone": 1}
        assert edge.services.guessing.watch.wrong == {"stranger": 10 * PER_HOUR}


async def test_the_database_names_neither_names_nor_addresses(tmp_path: Path) -> None:
    async with open_edge(tmp_path) as edge:
        await login(edge.client, "anna")
    database = await open_database(f"sqlite:///{tmp_path}/edge.db")
    [rows] = await database.read(("SELECT guesses_key FROM guesses", ()))
    await database.close()
    assert len(rows) == 3
    assert not [key for (key,) in rows if "anna" in key or "127.0.0.1" in key]
