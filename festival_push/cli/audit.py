"""`festival-push audit`: check every promise on the live database, or reconcile all money."""

import argparse
from typing import Final

import msgspec

from festival_push.cli.databases import CommandError, open_existing
from festival_push.cli.loading import run_with_settings
from festival_push.domain.money.reconciliation import reconcile
from festival_push.ops.audit.audit import audit
from festival_push.ops.metrics.disk import Check, keep_check_in, note_check
from festival_push.ops.report import report_lines
from festival_push.settings import Settings
from festival_push.store.currency import kept_currency
from festival_push.store.database import Database
from festival_push.store.reads.figures import read_figures

_WAIT_S: Final = 200.0  # a read gives up after less than a third of it
"""Longest wait for the database, in seconds: sums over a ledger may take longer than anything that a server asks."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare which report is printed, and in what form."""
    parser.add_argument("--report", action="store_true", help="reconcile all money instead; exit code 1 if it differs")
    parser.add_argument("--json", action="store_true", help="the report as JSON, amounts in minor units")


def run(parsed: argparse.Namespace) -> int:
    """Print the findings, or the report. Return 1 if a promise is broken, or if the money differs."""
    if parsed.json and not parsed.report:
        raise CommandError("--json goes with --report")

    async def audit_database(settings: Settings) -> int:
        database = await open_existing(settings, wait_s=_WAIT_S)
        try:
            return await (
                _report(settings, database, as_json=parsed.json) if parsed.report else _findings(settings, database)
            )
        finally:
            await database.close()

    return run_with_settings(audit_database, parsed)


async def _findings(settings: Settings, database: Database) -> int:
    findings = await audit(database, providers=settings.funds)
    print("\n".join(str(finding) for finding in findings) or "every promise holds")
    broken = any(finding.failure for finding in findings)
    if (file := settings.database.file) is not None:
        note_check(file, Check.AUDIT, held=not broken)
    else:
        await keep_check_in(settings.database.url, Check.AUDIT, held=not broken)
    return 1 if broken else 0


async def _report(settings: Settings, database: Database, *, as_json: bool) -> int:
    report = reconcile(await read_figures(database), settings.funds)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(report)).decode())
    else:
        print("\n".join(report_lines(report, await kept_currency(database) or settings.rules().currency)))
    return 0 if report.balanced else 1
