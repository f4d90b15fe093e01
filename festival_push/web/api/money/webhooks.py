"""Top-ups that a payment provider reports: proved by a signature over the raw body, credited once for ever."""

import logging
from typing import Final

from starlette.responses import Response

from festival_push.domain.amounts import Currency
from festival_push.domain.money.funds import CreditFunds, FundsStatus
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import (
    TransferId,
)
from festival_push.settings import FundsProvider
from festival_push.web.api.money.funds_reports import BadReport, FundsReport, read_report
from festival_push.web.api.views import View
from festival_push.web.identity.signatures import BadSignature, verify_bearer, verify_signed
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.problems import BadRequest, FieldError, ProblemError, Unauthorized
from festival_push.web.routing.endpoint import SIGNED, Call, Endpoints, json_response

ENDPOINTS: Final = Endpoints()

_log = logging.getLogger(__name__)


class FundsView(View, frozen=True, kw_only=True):
    """What became of a payment that a provider reported."""

    status: str  # credited, duplicate, held, ignored
    transaction_id: TransferId | None


@ENDPOINTS.post(
    "/v1/webhooks/funds/{provider}",
    SIGNED,
    answers={200: FundsView},
    refuses=((401, "bad-signature"), (400, "unsupported-currency"), (409, "payment-conflict")),
)
async def receive_funds(call: Call) -> Response:
    """POST /v1/webhooks/funds/{provider}: 200 `{status, transactionId}`; a retry is harmless for ever."""
    name = call.path("provider")
    provider = call.services.settings.funds.get(name)
    if provider is None:
        raise NotFound(what="provider")
    body = await call.raw_body()
    _require_sender(call, name, provider, body)
    report = _read(body, provider, call.services.rules.currency)
    if report is None:
        return json_response(FundsView(status="ignored", transaction_id=None))
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
    if reply.status is FundsStatus.CONFLICT:
        raise ProblemError(
            409, "payment-conflict", "This payment is known with another amount; nothing moved, the organiser knows.",
            transactionId=reply.transfer_id,
        )  # fmt: skip
    return json_response(FundsView(status=reply.status.value, transaction_id=reply.transfer_id))


def _require_sender(call: Call, name: str, provider: FundsProvider, body: bytes) -> None:
    """Verify the sender. Raises Unauthorized; what was wrong goes only to the log, since it would help a forger."""
    secrets = [secret.reveal() for secret in provider.secrets]
    headers = call.request.headers
    try:
        if provider.auth == "bearer":
            verify_bearer(headers, secrets)
        else:
            verify_signed(headers, body, secrets, call.services.now())
    except BadSignature as error:
        _log.warning("a webhook for %s was refused: %s", name, error)
        raise Unauthorized("bad-signature", "The signature or the secret is not right.") from None


def _read(body: bytes, provider: FundsProvider, currency: Currency) -> FundsReport | None:
    """Read the report. Raises BadRequest, which names the field as the provider calls it."""
    try:
        return read_report(body, provider, currency)
    except BadReport as error:
        detail = f"{error.field}: {error.message}" if error.field else error.message
        errors = [FieldError(error.field, error.message)] if error.field else []
        raise BadRequest(detail, errors, code=error.code or "invalid-request") from error
