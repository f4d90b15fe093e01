"""Deeds and confirmations, as organisers read them, and at what cost."""

import asyncio
from typing import Final

from festival_push.domain.office.deeds import DeedKind, deed_hash
from festival_push.domain.office.rows import Confirmation, ConfirmationStatus
from festival_push.domain.values import Actor, Audience, ConfirmationId, Instant
from festival_push.store.database import Database
from festival_push.store.reads.office import _some
from festival_push.store.reads.reads import Reads
from tests.store.plans import plan_of
from tests.store.populated import populated
from tests.store.world import assert_lawful
from tests.support.festival import ADMIN, ANNA, BEN, NOON, Put, announcement_of, top_up

BY_ADMIN: Final = Actor("user:admin")


async def test_deeds_are_listed_newest_first_and_found_by_what_they_say(database: Database) -> None:
    async with populated(database) as festival:
        await festival.do([top_up(ANNA, 5_000, number=1), announcement_of(Audience.ALL, number=2)])
        await asyncio.gather(*(festival.committer.submit(top_up(BEN, 10, number=number)) for number in range(3, 9)))
        reads = Reads(database)
        every = [deed async for deed in reads.all_deeds()]
        assert [deed.seq for deed in every] == list(range(1, len(every) + 1))
        assert all(deed.hash == deed_hash(deed) for deed in every)
        newest = await reads.deeds(limit=3)
        assert newest == every[:-4:-1]
        assert await reads.deeds(before=newest[-1].seq, limit=2) == every[-4:-6:-1]
        assert {deed.subject for deed in await reads.deeds(act=DeedKind.TOP_UP, limit=50)} == {"user:anna", "user:ben"}
        of_ben = await reads.deeds(actor=BY_ADMIN, subject="user:ben", act=DeedKind.TOP_UP, limit=50)
        assert len(of_ben) == 6
        assert await reads.deeds(actor=Actor("user:nobody"), limit=5) == []
        await assert_lawful(database)


async def test_what_is_asked_of_deeds_is_read_from_an_index(database: Database) -> None:
    for column in ("actor", "subject", "act"):
        plan = await plan_of(database, (_some((column,)), (9, 5, "x")))
        assert f"deeds_{column}" in plan or "deeds_pkey" in plan, plan  # an empty table has no better way in PostgreSQL
        assert "SCAN deeds" not in plan, plan


async def test_confirmations_are_listed_by_age_and_those_that_wait_alone(database: Database) -> None:
    def kept(number: int, status: ConfirmationStatus, expires_at: int) -> Confirmation:
        settled = status is not ConfirmationStatus.WAITING
        return Confirmation(
            confirmation_id=ConfirmationId(f"c{number}"), act=DeedKind.TOP_UP, subject="user:anna", amount=1,
            command="{}", asked_by=ANNA, status=status, settled_by=ADMIN if settled else None,
            created_at=Instant(NOON + number // 2), expires_at=Instant(expires_at),
            settled_at=NOON if settled else None,
        )  # fmt: skip

    waiting, refused = ConfirmationStatus.WAITING, ConfirmationStatus.REFUSED
    rows = [
        kept(0, waiting, NOON + 1_000), kept(1, refused, NOON + 1_000), kept(2, waiting, NOON + 10),
        kept(3, waiting, NOON + 1_000),
    ]  # fmt: skip
    async with populated(database) as festival:
        await festival.do([Put(tuple(rows))])
        reads = Reads(database)
        assert await reads.confirmations(limit=9) == rows[::-1]
        assert await reads.confirmations(before=ConfirmationId("c2"), limit=1) == [rows[1]]
        at = Instant(NOON + 10)
        assert await reads.confirmations(waiting_at=at, limit=9) == [rows[3], rows[0]]
        assert await reads.confirmations(waiting_at=at, before=ConfirmationId("c3"), limit=9) == [rows[0]]
        assert await reads.confirmation(ConfirmationId("c1")) == rows[1]
        assert await reads.confirmation(ConfirmationId("none")) is None
