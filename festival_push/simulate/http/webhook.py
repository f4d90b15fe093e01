"""Payments as a provider reports them, signed as Standard Webhooks says or with the shared secret of a relay."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec


def signed_headers(message_id: str, body: bytes, secret: str) -> dict[str, str]:
    """Return the Standard Webhooks headers for a body, signed now. `secret` is `whsec_<base64>`, or the key itself."""
    sent_at = str(int(time.time()))
    text = secret.removeprefix("whsec_")
    key = secret.encode() if text == secret else base64.b64decode(text + "=" * (-len(text) % 4))
    digest = hmac.digest(key, f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": sent_at,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One payment provider, as the server's settings have it.

    Attributes:
        paths: The paths in its JSON of `id`, `amount`, `currency`, `status` and `top_up_code`; dots lead into objects.
        paid_status: Its `status` when money came in.
        major: Whether an amount is in major units, `20.00` for 2000 cents; else it is in minor units.
    """

    provider: str
    secret: str
    bearer: bool
    paths: Mapping[str, str]
    paid_status: str
    major: bool

    @property
    def path(self) -> str:
        """The path of the server's webhook for this provider."""
        return f"/v1/webhooks/funds/{self.provider}"

    def report(self, payment_id: str, amount: int, currency: str, digits: int, top_up_code: str) -> bytes:
        """Return the report of a payment of `amount` minor units, as JSON. `digits` is how many a currency's amounts
        have after the point."""
        values: dict[str, object] = {
            "id": payment_id,
            "amount": _major(amount, digits) if self.major else amount,
            "currency": currency,
            "status": self.paid_status,
            "top_up_code": top_up_code,
        }
        tree: dict[str, object] = {}
        for name, value in values.items():
            if path := self.paths[name]:
                _put(tree, path.split("."), value)
        return msgspec.json.encode(tree)

    def headers(self, payment_id: str, body: bytes) -> dict[str, str]:
        """Return the headers that prove the sender."""
        if self.bearer:
            return {"Authorization": f"Bearer {self.secret}"}
        return signed_headers(payment_id, body, self.secret)


def _major(amount: int, digits: int) -> str:
    text = str(amount).zfill(digits + 1)
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def _put(tree: dict[str, object], names: list[str], value: object) -> None:
    *parents, last = names
    for name in parents:
        child = tree.setdefault(name, {})
        assert isinstance(child, dict), names
        tree = child
    tree[last] = value
