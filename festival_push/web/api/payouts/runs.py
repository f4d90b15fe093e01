"""Payout runs: gathered, downloaded for the bank, and settled at once."""

import asyncio
from contextlib import suppress
from datetime import date
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, UnsetType
from starlette.responses import Response

from festival_push.domain.money.amounts import Currency
from festival_push.domain.payouts.refusals import NotSepa, RunSettled
from festival_push.domain.payouts.rows import PayoutRun, PayoutRunStatus
from festival_push.domain.payouts.runs import OpenPayoutRun, RemoveFromRun, RunReply, SendPayoutRun, UndoPayoutRun
from festival_push.domain.people.relations import Act
from festival_push.domain.refusals import NotFound
from festival_push.domain.rows import Payout
from festival_push.domain.values import PayoutId, PayoutRunId, rfc3339
from festival_push.store.writing.answers import Committed
from festival_push.web.api.payouts.sepa import bank_text, reference, sepa_file
from festival_push.web.api.payouts.views import PayoutView, RunView, whole
from festival_push.web.api.pin_again import PIN_REFUSES, require_pin, without_pin
from festival_push.web.api.second_person import WaitingView, run_with_second
from festival_push.web.api.sheets import amount_cell, sheet
from festival_push.web.api.views import Page, View, page
from festival_push.web.identity.pins import Pin
from festival_push.web.parsing.fields import NOTE_CHARS_MAX, Body, Reason, given, left_out
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import field_error
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.parsing.text import clean_line
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()
Day = Annotated[str, Meta(min_length=10, max_length=10, description="A day of the calendar: `2026-07-06`.")]
_PAYERS: Final = who_may(Act.SETTLE_PAYOUT)
_COLUMNS: Final = (
    "payoutId", "endToEndId", "name", "accountHolder", "iban", "amount", "currency", "status", "note", "createdAt",
)  # fmt: skip


class RunBody(Body, frozen=True, kw_only=True):
    """Which payouts, and when the bank shall pay them."""

    account: Literal["wallet", "till"] | UnsetType = UNSET  # left out: all
    execution_date: Day | UnsetType = UNSET  # left out: today


class SentBody(Body, frozen=True, kw_only=True):
    """Only the PIN again, unless the caller has just signed in."""

    pin: Pin | UnsetType = UNSET


class UndoBody(Body, frozen=True, kw_only=True):
    """Nothing to say."""


class RemoveBody(Body, frozen=True, kw_only=True):
    """Why it is not paid with the others."""

    reason: Reason


class RunAnswer(View, frozen=True, kw_only=True):
    """What became of a run."""

    run: RunView
    left: int | UnsetType = UNSET  # payouts with an account that wait for the next run; left out: none
    position: int


class RunPage(View, frozen=True, kw_only=True):
    """A run with some of its payouts, newest first; `next` goes into `?before=` for the rest."""

    run: RunView
    items: tuple[PayoutView, ...]
    next: str | None


@ENDPOINTS.post(
    "/v1/admin/payout-runs",
    _PAYERS,
    body=RunBody,
    key=Key.REQUIRED,
    answers={201: RunAnswer},
    refuses=OpenPayoutRun.REFUSES,
)
async def open_run(call: Call) -> Response:
    """POST /v1/admin/payout-runs: 201, once per idempotency key."""
    body = await call.body(RunBody)
    command = OpenPayoutRun(
        actor_id=call.actor_id,
        run_id=PayoutRunId(new_id()),
        account=given(body.account),
        execution_date=_execution_date(body),
    )
    return await call.run_once(command, body, _answering(call), status=201)


@ENDPOINTS.get("/v1/admin/payout-runs", _PAYERS, query=PageQuery, answers={200: Page[RunView]})
async def list_runs(call: Call) -> Response:
    """GET /v1/admin/payout-runs: newest first."""
    query, currency = call.query(PageQuery), call.services.rules.currency
    found = await call.services.reads.payout_runs(before=query.before, limit=query.limit + 1)
    return json_response(
        page(found, query.limit, lambda run: _run_view(run, currency), before=lambda run: run.position)
    )  # fmt: skip


@ENDPOINTS.get(
    "/v1/admin/payout-runs/{runId}.csv", _PAYERS, query=NoQuery, answers={200: "text/csv"}, refuses=(NotFound,)
)  # fmt: skip
async def download_csv(call: Call) -> Response:
    """GET /v1/admin/payout-runs/{runId}.csv: a heading, and a row for each payout; amounts in major units."""
    call.query(NoQuery)
    (run, payouts), currency = await _read_whole(call), call.services.rules.currency
    rows = (
        (
            payout.payout_id, reference("P", payout.payout_id), payout.name, payout.account_holder, payout.iban,
            amount_cell(payout.due, currency.digits), currency.code, payout.status.value, payout.note,
            rfc3339(payout.created_at),
        )
        for payout in payouts
    )  # fmt: skip
    return sheet(_file_name(call, run), (_COLUMNS, *rows))


@ENDPOINTS.get(
    "/v1/admin/payout-runs/{runId}", _PAYERS, query=PageQuery, answers={200: RunPage}, refuses=(NotFound,)
)  # fmt: skip
async def show_run(call: Call) -> Response:
    """GET /v1/admin/payout-runs/{runId}: with a page of its payouts."""
    query = call.query(PageQuery)
    run = await _read_run(call)
    found = await call.services.reads.payouts_in(run.run_id, before=query.before, limit=query.limit + 1)
    shown = page(found, query.limit, whole, before=lambda payout: payout.seq)
    return json_response(
        RunPage(run=_run_view(run, call.services.rules.currency), items=shown.items, next=shown.next)
    )  # fmt: skip


@ENDPOINTS.get(
    "/v1/admin/payout-runs/{runId}/sepa.xml",
    _PAYERS,
    query=NoQuery,
    answers={200: "application/xml"},
    refuses=(NotFound, NotSepa, RunSettled),
)
async def download_sepa(call: Call) -> Response:
    """GET /v1/admin/payout-runs/{runId}/sepa.xml: while it is open, because what is fetched again may be sent again."""
    call.query(NoQuery)
    (run, payouts), settings = await _read_whole(call), call.services.settings
    if run.status is not PayoutRunStatus.OPEN:
        raise RunSettled(run_status=run.status.value)
    content = await asyncio.to_thread(sepa_file, run, payouts, settings)
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(call, run)}.xml"'}
    return Response(content, headers=headers, media_type="application/xml")


@ENDPOINTS.post(
    "/v1/admin/payout-runs/{runId}/sent",
    _PAYERS,
    body=SentBody,
    key=Key.REQUIRED,
    answers={200: RunAnswer, 202: WaitingView},
    refuses=(*SendPayoutRun.REFUSES, *PIN_REFUSES),
)
async def send_run(call: Call) -> Response:
    """POST /v1/admin/payout-runs/{runId}/sent: the bank has it, and all of its payouts are paid."""
    body = await call.body(SentBody)
    await require_pin(call, body.pin)
    command = SendPayoutRun(actor_id=call.actor_id, run_id=_run_id(call))
    return await run_with_second(call, command, without_pin(body), _answering(call))


@ENDPOINTS.post(
    "/v1/admin/payout-runs/{runId}/undo",
    _PAYERS,
    body=UndoBody,
    key=Key.REQUIRED,
    answers={200: RunAnswer},
    refuses=UndoPayoutRun.REFUSES,
)
async def undo_run(call: Call) -> Response:
    """POST /v1/admin/payout-runs/{runId}/undo: the bank has got nothing, and the payouts wait again."""
    body = await call.body(UndoBody)
    command = UndoPayoutRun(actor_id=call.actor_id, run_id=_run_id(call))
    return await call.run_once(command, body, _answering(call))


@ENDPOINTS.post(
    "/v1/admin/payout-runs/{runId}/payouts/{payoutId}/remove",
    _PAYERS,
    body=RemoveBody,
    key=Key.REQUIRED,
    answers={200: RunAnswer},
    refuses=RemoveFromRun.REFUSES,
)
async def remove_from_run(call: Call) -> Response:
    """POST /v1/admin/payout-runs/{runId}/payouts/{payoutId}/remove: it waits by itself again."""
    body = await call.body(RemoveBody)
    command = RemoveFromRun(
        actor_id=call.actor_id,
        run_id=_run_id(call),
        payout_id=PayoutId(call.id("payoutId")),
        reason=clean_line(body.reason, field="reason", chars_max=NOTE_CHARS_MAX),
    )
    return await call.run_once(command, body, _answering(call))


def _run_id(call: Call) -> PayoutRunId:
    return PayoutRunId(call.id("runId"))


async def _read_run(call: Call) -> PayoutRun:
    if (run := await call.services.reads.payout_run(_run_id(call))) is None:
        raise NotFound(what="payout-run")
    return run


async def _read_whole(call: Call) -> tuple[PayoutRun, list[Payout]]:
    if (found := await call.services.reads.run_in_full(_run_id(call))) is None:
        raise NotFound(what="payout-run")
    return found


def _execution_date(body: RunBody) -> str | None:
    if body.execution_date is UNSET:
        return None
    with suppress(ValueError):
        if date.fromisoformat(body.execution_date).isoformat() == body.execution_date:
            return body.execution_date
    raise field_error("executionDate", "must be a day: 2026-07-06")


def _file_name(call: Call, run: PayoutRun) -> str:
    festival = "-".join(bank_text(call.services.settings.festival.name, 40).replace("/", " ").split()) or "festival"
    return f"{festival}-payouts-{run.execution_date}"


class _Answering:
    """Renders what became of a run; kept with the command, so it needs nothing else."""

    def __init__(self, currency: Currency) -> None:
        self._currency = currency

    def __call__(self, committed: Committed[RunReply]) -> RunAnswer:
        reply = committed.reply
        return RunAnswer(
            run=_run_view(reply.run, self._currency), left=reply.left or UNSET, position=committed.position
        )  # fmt: skip


def _answering(call: Call) -> _Answering:
    return _Answering(call.services.rules.currency)


def _run_view(run: PayoutRun, currency: Currency) -> RunView:
    return RunView(
        run_id=run.run_id,
        status=run.status,
        account=left_out(run.account),
        count=run.count,
        total=run.total,
        currency=currency.code,
        currency_digits=currency.digits,
        execution_date=run.execution_date,
        created_by=run.created_by,
        created_at=rfc3339(run.created_at),
        settled_by=left_out(run.settled_by),
        settled_at=UNSET if run.settled_at is None else rfc3339(run.settled_at),
    )
