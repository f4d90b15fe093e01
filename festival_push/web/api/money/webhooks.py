"""What a payment provider reports: proved by a signature over the raw body, and each thing counted once for ever.

What is proved is never refused for what it says: what can't be taken as it is, is kept for the organisers.
"""

import logging
from typing import Final, Literal, cast

from starlette.responses import Response

from festival_push.domain.money.funds import CreditFunds, FundsStatus, receipt_id
from festival_push.domain.money.providers.claims import ClaimOutcome, ReportClaim
from festival_push.domain.money.providers.unread import KeepUnread, unread_id
from festival_push.domain.money.rows import ClaimKind
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import TransferId
from festival_push.settings import FundsProvider
from festival_push.web.api.money.funds_reports import BadReport, FundsReport, Meaning, read_report
from festival_push.web.api.views import View
from festival_push.web.identity.signatures import BadSignature, verify_bearer, verify_signed, verify_stripe
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import ProblemError, Unauthorized
from festival_push.web.routing.endpoint import SIGNED, Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

BODY_KEPT_MAX: Final = 8_192  # bytes of a report that is kept unread
_REFUNDS: Final = frozenset({Meaning.REFUNDED, Meaning.REFUNDED_TOTAL, Meaning.REFUND_FAILED})
_WON: Final = frozenset({Meaning.REFUND_FAILED, Meaning.DISPUTE_WON})

_log = logging.getLogger(__name__)


Status = Literal["credited", "duplicate", "held", "ignored", "kept", "taken-back", "waiting", "given-back"]


class FundsView(View, frozen=True, kw_only=True):
    """What became of something that a provider reported."""

    status: Status
    transaction_id: TransferId | None


@ENDPOINTS.post(
    "/v1/webhooks/funds/{provider}",
    SIGNED,
    answers={200: FundsView},
    refuses=((401, "bad-signature"), (409, "payment-conflict")),
)
async def receive_funds(call: Call) -> Response:
    """POST /v1/webhooks/funds/{provider}: 200 `{status, transactionId}`; a retry is harmless for ever."""
    name = call.path("provider")
    provider = call.services.settings.funds.get(name)
    if provider is None:
        raise NotFound(what="provider")
    body = await call.raw_body()
    _require_sender(call, name, provider, body)
    content_type = call.request.headers.get("content-type", "")
    try:
        report = read_report(body, provider, call.services.rules.currency, content_type=content_type)
    except BadReport as error:
        view = await _keep(call, name, body, error)
    else:
        view = await _take(call, name, body, report)
    return json_response(view)


async def _take(call: Call, name: str, body: bytes, report: FundsReport | Meaning) -> FundsView:
    """Take a report that was read. Raises ProblemError: 409, the payment is known with another amount."""
    if isinstance(report, Meaning):
        call.services.metrics.count_report(name, report.value)
        return FundsView(status="ignored", transaction_id=None)
    if report.meaning is not Meaning.PAID:
        return await _claim(call, name, body, report)
    command = CreditFunds(
        provider=name,
        external_id=report.external_id,
        amount=report.amount,
        transfer_id=TransferId(new_id()),
        user_id=report.user_id,
        top_up_code=report.top_up_code,
        donor_name=report.donor_name,
        donor_email=report.donor_email,
    )
    reply = (await call.services.committer.submit(command)).reply
    call.services.metrics.count_report(name, reply.status.value)
    if reply.status is FundsStatus.CONFLICT:
        raise ProblemError(
            409, "payment-conflict", "This payment is known with another amount; nothing moved, the organiser knows.",
            transactionId=reply.transfer_id,
        )  # fmt: skip
    return FundsView(status=cast(Status, reply.status.value), transaction_id=reply.transfer_id)


async def _claim(call: Call, name: str, body: bytes, report: FundsReport) -> FundsView:
    command = ReportClaim(
        provider=name,
        external_id=report.claim_id,
        payment_id=report.external_id,
        receipt_id=receipt_id(name, report.external_id),
        kind=ClaimKind.REFUND if report.meaning in _REFUNDS else ClaimKind.DISPUTE,
        amount=report.amount,
        won=report.meaning in _WON,
        transfer_id=TransferId(new_id()),
    )
    reply = (await call.services.committer.submit(command)).reply
    if reply.status is ClaimOutcome.OTHER_PAYMENT:
        field = call.services.settings.funds[name].claim_id
        text = f"{report.claim_id} is known, and of another payment."
        error = BadReport(field, text, meaning=report.meaning.value, external_id=report.external_id)
        return await _keep(call, name, body, error)
    call.services.metrics.count_report(name, reply.status.value)
    return FundsView(status=cast(Status, reply.status.value), transaction_id=None)


async def _keep(call: Call, name: str, body: bytes, error: BadReport) -> FundsView:
    """Keep a proven report that can't be taken as it is, and say so in the log: without it nobody would know."""
    command = KeepUnread(
        provider=name,
        unread_id=unread_id(name, body),
        external_id=error.external_id,
        meaning=error.meaning,
        field=error.field,
        detail=error.message,
        body=body[:BODY_KEPT_MAX].decode("utf-8", "replace").replace("\0", "\ufffd"),
    )
    kept = (await call.services.committer.submit(command)).reply
    _log.warning(
        "a report of %s is kept unread as %s: id %s, field %s: %s",
        name, kept.unread_id, error.external_id or "unknown", error.field or "(all)", error.message,
    )  # fmt: skip
    call.services.metrics.count_report(name, "kept")
    return FundsView(status="kept", transaction_id=None)


def _require_sender(call: Call, name: str, provider: FundsProvider, body: bytes) -> None:
    """Verify the sender. Raises Unauthorized; what was wrong goes only to the log, since it would help a forger."""
    secrets = [secret.reveal() for secret in provider.secrets]
    headers = call.request.headers
    try:
        if provider.auth == "bearer":
            verify_bearer(headers, secrets)
        elif provider.auth == "stripe":
            verify_stripe(headers, body, secrets, call.services.now())
        else:
            verify_signed(headers, body, secrets, call.services.now())
    except BadSignature as error:
        _log.warning("a webhook for %s was refused: %s", name, error)
        raise Unauthorized("bad-signature", "The signature or the secret is not right.") from None
