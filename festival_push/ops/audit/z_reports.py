"""Checks Z reports: that none is missing, none leaves a movement out, and each says what the ledger says."""

from typing import Final

import msgspec

from festival_push.domain.reports.figures import Figures
from festival_push.domain.values import AccountId, till_owner
from festival_push.ops.audit.findings import FINDINGS_MAX, Findings
from festival_push.store.database import Database
from festival_push.store.reads.reports.reports import ReportReads
from festival_push.store.reads.reports.windows import after_transfer
from festival_push.store.reads.reports.z_reports import ZReportReads

_CHECK: Final = "z-reports"


async def check_z_reports(database: Database, findings: Findings, page: int) -> None:
    """Check every Z report. What it is of can't change any more, so each may be read by itself."""
    reads, ledger = ZReportReads(database), ReportReads(database)
    for scope, number in await reads.out_of_line(FINDINGS_MAX + 1):
        findings.add(_CHECK, f"Z report {number} of {scope} does not begin where the one before it ended.")
    after = ""
    while reports := await reads.all_z_reports(after, page):
        for report in reports:
            kept = msgspec.json.decode(report.figures, type=Figures).sums
            window = after_transfer(report.after_seq, report.up_to_seq)
            moved = await ledger.sums(window, till_owner(AccountId(report.scope)))
            for name, one, other in zip(kept.__struct_fields__, _parts(kept), _parts(moved), strict=True):
                if one != other:
                    text = f"Z report {report.number} of {report.scope} has {one} as {name}, but its transfers {other}."
                    findings.add(_CHECK, text)
        after = reports[-1].z_report_id


def _parts(sums: msgspec.Struct) -> tuple[int, ...]:
    parts: tuple[int, ...] = msgspec.structs.astuple(sums)
    return parts
