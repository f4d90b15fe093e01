"""The signature of Standard Webhooks, written from its text (https://www.standardwebhooks.com) and `docs/api.md`."""

import base64
import hashlib
import hmac
import time


def signed_headers(message_id: str, body: bytes, secret: str, *, at: int | None = None) -> dict[str, str]:
    """The headers that prove who sent a body.

    Args:
        secret: `whsec_` and the key in base64.
        at: When it was sent, in seconds since 1970; None: now.
    """
    timestamp = str(int(time.time()) if at is None else at)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
