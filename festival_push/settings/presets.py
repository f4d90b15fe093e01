"""The ready-made settings of payment providers: what holds in `[funds.<name>]` where nothing else is said."""

from collections.abc import Mapping
from typing import Any, Final

from festival_push.settings.sections import FundsEvents, FundsProvider

_STRIPE: Final = FundsProvider(
    preset="stripe",
    auth="stripe",
    amount_unit="minor",
    # A payment intent and its charge are one payment, and so count once, whichever is reported first. Refunds and
    # disputes name the payment that they are of.
    id="data.object.payment_intent|data.object.charge|data.object.id",
    claim_id="data.object.id",
    amount="data.object.amount_received|data.object.amount_captured|data.object.amount",
    refunded_total="data.object.amount_refunded",
    currency="data.object.currency",
    event="type",
    status="data.object.captured|data.object.status",
    events=FundsEvents(
        paid=("payment_intent.succeeded", "charge.succeeded", "charge.captured"),
        refunded=("refund.created", "refund.updated", "charge.refund.updated"),
        refunded_total=("charge.refunded",),
        refund_failed=("refund.failed", "refund.updated:failed", "refund.updated:canceled",
                       "charge.refund.updated:failed", "charge.refund.updated:canceled"),
        disputed=("charge.dispute.created", "charge.dispute.funds_withdrawn"),
        dispute_won=("charge.dispute.funds_reinstated", "charge.dispute.closed:won"),
        ignored=(
            # An authorisation is no money yet, and ends without any.
            "charge.succeeded:false", "charge.refunded:false", "charge.updated", "charge.pending", "charge.failed",
            "charge.expired", "payment_intent.created", "payment_intent.processing", "payment_intent.canceled",
            "payment_intent.payment_failed", "payment_intent.requires_action",
            "payment_intent.amount_capturable_updated", "payment_intent.partially_funded",
            # An inquiry takes no money; a lost dispute has taken it before.
            "charge.dispute.created:warning_needs_response", "charge.dispute.created:warning_under_review",
            "charge.dispute.updated", "charge.dispute.closed",
            "checkout.session.completed", "checkout.session.expired",
            "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
        ),
    ),
    user_id="data.object.metadata.user_id",
    top_up_code="data.object.metadata.top_up_code",
    donor_name="data.object.billing_details.name|data.object.shipping.name",
    donor_email="data.object.receipt_email|data.object.billing_details.email",
)  # fmt: skip

_STANDARD: Final = FundsProvider(
    preset="standard",
    id="data.payment_id|data.id",
    claim_id="data.claim_id",
    amount="data.amount",
    currency="data.currency",
    event="type",
    status="",
    events=FundsEvents(
        paid=("payment.succeeded",),
        refunded=("payment.refunded",),
        refund_failed=("payment.refund_failed",),
        disputed=("payment.disputed",),
        dispute_won=("payment.dispute_won",),
    ),
    user_id="data.user_id",
    top_up_code="data.top_up_code",
    donor_name="data.name",
    donor_email="data.email",
)

_ZEFFY: Final = FundsProvider(preset="zeffy", auth="bearer", status="")

PRESETS: Final[Mapping[str, FundsProvider]] = {"stripe": _STRIPE, "standard": _STANDARD, "zeffy": _ZEFFY}
"""Each preset by its name."""

STRIPE_DIGITS: Final[Mapping[str, int]] = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Currencies of which Stripe counts other minor units than ISO 4217 says."""


def with_preset(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of one provider, those of its preset where nothing was given.

    Args:
        given: As the operator wrote them; lists of `events` replace those of the preset one by one.
    """
    preset = PRESETS.get(given.get("preset", ""))
    if preset is None:
        return dict(given)
    known = {name: getattr(preset, name) for name in FundsProvider.__struct_fields__ if name != "events"}
    events = {name: getattr(preset.events, name) for name in FundsEvents.__struct_fields__}
    return {**known, **given, "events": {**events, **given.get("events", {})}}
