"""Payouts with fees, donations and runs: the audit finds nothing, and then each damage."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
import pytest

from festival_push.domain.money.amounts import currency_of
from festival_push.domain.money.reconciliation import reconcile
from festival_push.domain.money.reversals import ReverseTransfer
from festival_push.domain.payouts.donations import Donate
from festival_push.domain.payouts.payouts import RequestPayout, WithdrawPayout
from festival_push.domain.payouts.runs import OpenPayoutRun, RemoveFromRun, SendPayoutRun
from festival_push.domain.values import PayoutId, PayoutRunId, TransferId, UserId
from festival_push.ops.audit.audit import audit
from festival_push.ops.report import report_lines
from festival_push.store.opening import open_database
from festival_push.store.reads.figures import read_figures
from tests.ops.audit.test_audit import damage
from tests.store.populated import Populated, populated
from tests.support.festival import ADMIN, ANNA, BEN, RULES, AnyCommand, top_up

RUN: Final = PayoutRunId("run1")
TERMS: Final = msgspec.structs.replace(RULES, payout_fee=50, donations=True)


def asked(name: str, amount: int, actor_id: UserId = ANNA, *, rest: bool = False) -> RequestPayout:
    return RequestPayout(
        actor_id=actor_id, payout_id=PayoutId(name), amount=amount, note=None, iban="NL91ABNA0417164300",
        account_holder="Anna", donate_rest=rest,
    )  # fmt: skip


COMMANDS: Final[list[AnyCommand]] = [
    top_up(ANNA, 9_000, number=1),
    top_up(BEN, 3_000, number=2),
    asked("p1", 1_000),
    asked("p2", 700, BEN, rest=True),
    asked("p3", 400),
    asked("p4", 300),
    WithdrawPayout(actor_id=ANNA, payout_id=PayoutId("p4")),
    Donate(actor_id=ANNA, amount=250, transfer_id=TransferId("gift")),
    ReverseTransfer(
        actor_id=ADMIN, transfer_id=TransferId("gift"), amount=50, reason="typo", reversal_id=TransferId("back")
    ),
    OpenPayoutRun(actor_id=ADMIN, run_id=RUN),
    RemoveFromRun(actor_id=ADMIN, run_id=RUN, payout_id=PayoutId("p3"), reason="closed"),
    SendPayoutRun(actor_id=ADMIN, run_id=RUN),
    OpenPayoutRun(actor_id=ADMIN, run_id=PayoutRunId("run2")),
]


@pytest.fixture
async def festival(migrated_url: str) -> AsyncIterator[Populated]:
    """A festival whose guests have taken home and given what was left."""
    database = await open_database(migrated_url)
    try:
        async with populated(database, TERMS) as opened:
            for command in COMMANDS:
                await opened.committer.submit(command)
            yield opened
    finally:
        await database.close()


async def test_all_totals_agree_and_the_report_shows_fees_and_donations(festival: Populated) -> None:
    assert await audit(festival.database) == []
    report = reconcile(await read_figures(festival.database), ())
    assert report.balanced
    wallets = report.wallets
    assert (report.donations, wallets.donations, wallets.payout_fees, report.fees) == (2_450, 2_450, 150, 150)
    parts = wallets.top_ups - wallets.payouts - 150 - 2_450
    assert wallets.balance == parts == 9_000 - 1_000 - 400 - 100 - 200
    text = "\n".join(report_lines(report, currency_of("EUR")))
    assert "in 120.00 − out 21.00 − fees 1.50 − donations 24.50 = 73.00" in text
    assert "fees of payouts: 1.50; 24.50 were donated" in text


DAMAGE: Final = {
    "a fee that nobody paid": ("p1 of user:anna", "UPDATE payouts SET fee = 0 WHERE payout_id = 'p1'"),
    "another fee": ("p1 of user:anna", "UPDATE payouts SET fee = 51 WHERE payout_id = 'p1'"),
    "a fee that did not come back": (
        "p4 of user:anna", "UPDATE transfers SET reverses = NULL WHERE transfer_id = 'p4-fee-back'",
    ),
    "a payout out of its sent run": ("run run1", "UPDATE payouts SET run_id = NULL WHERE payout_id = 'p1'"),
    "one that waits in a sent run": ("run run1", "UPDATE payouts SET status = 'requested' WHERE payout_id = 'p1'"),
    "a run over another sum": ("run run2", "UPDATE payout_runs SET total = 1 WHERE run_id = 'run2'"),
    "a payout paid in an open run": ("run run2", "UPDATE payouts SET status = 'completed' WHERE payout_id = 'p3'"),
    "an undone run that holds one": ("run run2", "UPDATE payout_runs SET status = 'undone' WHERE run_id = 'run2'"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
async def test_damage_is_found(festival: Populated, migrated_url: str, name: str) -> None:
    where, statement = DAMAGE[name]
    await damage(migrated_url, statement)
    found = await audit(festival.database)
    assert any(finding.check == "payouts" and where in str(finding) for finding in found), found


async def test_donations_that_left_their_account_are_found(festival: Populated, migrated_url: str) -> None:
    await damage(migrated_url, "UPDATE accounts SET balance = balance - 1 WHERE account_id = 'donations'")
    found = [str(finding) for finding in await audit(festival.database)]
    assert any("donations" in each for each in found), found
