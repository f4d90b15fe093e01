"""Stripe's events, by their published shapes, and its signature, written from its documentation."""

import hashlib
import hmac
import json
import time
from typing import Any, Final

from tests.web.world import STRIPE_SECRET

INTENT: Final = {
    "id": "pi_1", "object": "payment_intent", "amount": 1250, "amount_received": 1250, "currency": "eur",
    "latest_charge": "ch_1", "metadata": {"user_id": "anna"}, "receipt_email": "anna@example.org",
    "status": "succeeded",
}  # fmt: skip
CHARGE: Final = {
    "id": "ch_1", "object": "charge", "amount": 1250, "amount_captured": 1250, "amount_refunded": 0, "captured": True,
    "currency": "eur", "payment_intent": "pi_1", "metadata": {"user_id": "anna"}, "paid": True, "status": "succeeded",
    "billing_details": {"name": "Anna", "email": "anna@example.org"},
}  # fmt: skip
REFUND: Final = {
    "id": "re_1", "object": "refund", "amount": 500, "charge": "ch_1", "currency": "eur", "payment_intent": "pi_1",
    "status": "succeeded",
}  # fmt: skip
DISPUTE: Final = {
    "id": "dp_1", "object": "dispute", "amount": 1250, "charge": "ch_1", "currency": "eur", "payment_intent": "pi_1",
    "status": "needs_response", "reason": "fraudulent",
}  # fmt: skip


def event(kind: str, thing: dict[str, Any], **changes: object) -> bytes:
    """The body of an event of one type about one thing, with some of its fields changed."""
    body = {"id": f"evt_{kind}", "object": "event", "type": kind, "data": {"object": {**thing, **changes}}}
    return json.dumps(body).encode()


WALKED: Final[dict[str, tuple[bytes, str, int]]] = {
    # Each event as the first of its payment: what is answered, and how much Anna has more after it.
    "payment_intent.succeeded": (event("payment_intent.succeeded", INTENT), "credited", 1250),
    "charge.succeeded": (event("charge.succeeded", CHARGE), "credited", 1250),
    "charge.captured": (event("charge.captured", CHARGE), "credited", 1250),
    "charge.succeeded (authorised)": (
        event("charge.succeeded", CHARGE, captured=False, amount_captured=0), "ignored", 0,
    ),
    "charge.refunded (an authorisation that ended)": (
        event("charge.refunded", CHARGE, captured=False, amount_captured=0, amount_refunded=1250), "ignored", 0,
    ),
    "refund.created": (event("refund.created", REFUND), "waiting", 0),
    "refund.updated": (event("refund.updated", REFUND), "waiting", 0),
    "charge.refund.updated": (event("charge.refund.updated", REFUND), "waiting", 0),
    "charge.refunded": (event("charge.refunded", CHARGE, amount_refunded=500), "waiting", 0),
    "refund.failed": (event("refund.failed", REFUND, status="failed"), "given-back", 0),
    "refund.updated (failed)": (event("refund.updated", REFUND, status="failed"), "given-back", 0),
    "refund.updated (canceled)": (event("refund.updated", REFUND, status="canceled"), "given-back", 0),
    "charge.dispute.created": (event("charge.dispute.created", DISPUTE), "waiting", 0),
    "charge.dispute.created (inquiry)": (
        event("charge.dispute.created", DISPUTE, status="warning_needs_response"), "ignored", 0,
    ),
    "charge.dispute.funds_withdrawn": (event("charge.dispute.funds_withdrawn", DISPUTE), "waiting", 0),
    "charge.dispute.funds_reinstated": (
        event("charge.dispute.funds_reinstated", DISPUTE, status="won"), "given-back", 0,
    ),
    "charge.dispute.updated": (event("charge.dispute.updated", DISPUTE), "ignored", 0),
    "charge.dispute.closed (won)": (event("charge.dispute.closed", DISPUTE, status="won"), "given-back", 0),
    "charge.dispute.closed (lost)": (event("charge.dispute.closed", DISPUTE, status="lost"), "ignored", 0),
    "payment_intent.created": (event("payment_intent.created", INTENT, status="requires_payment_method"), "ignored", 0),
    "payment_intent.payment_failed": (event("payment_intent.payment_failed", INTENT), "ignored", 0),
    "payment_intent.processing": (event("payment_intent.processing", INTENT), "ignored", 0),
    "payment_intent.canceled": (event("payment_intent.canceled", INTENT), "ignored", 0),
    "charge.failed": (event("charge.failed", CHARGE, status="failed"), "ignored", 0),
    "charge.pending": (event("charge.pending", CHARGE, status="pending"), "ignored", 0),
    "charge.expired": (event("charge.expired", CHARGE), "ignored", 0),
    "charge.updated": (event("charge.updated", CHARGE), "ignored", 0),
    "checkout.session.completed": (
        event("checkout.session.completed", {"id": "cs_1", "payment_status": "paid", "amount_total": 1250}),
        "ignored", 0,
    ),
    "customer.created (unknown)": (event("customer.created", {"id": "cus_1"}), "ignored", 0),
}  # fmt: skip


def signed(body: bytes, *, secret: str = STRIPE_SECRET, age_s: int = 0, more: str = "") -> dict[str, str]:
    """The headers of a webhook that Stripe signs."""
    timestamp = str(int(time.time()) - age_s)
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={timestamp},{more}v1={digest}", "content-type": "application/json; charset=utf-8"}
