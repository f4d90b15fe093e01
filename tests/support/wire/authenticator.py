"""A passkey without a browser: what `navigator.credentials` would answer, made by hand, and made wrong on demand."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_USER_PRESENT, _USER_VERIFIED, _HAS_KEY = 0x01, 0x04, 0x40


class SoftPasskey:
    """One credential of ES256. `counter` rises with every use, unless it is 0: then it stays so."""

    def __init__(self, *, origin: str, counter: int = 1, verifies: bool = True) -> None:
        self.origin = origin
        self.counter = counter
        self.verifies = verifies
        self.user_handle = b""
        self._id = secrets.token_bytes(16)
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def id(self) -> str:
        """The credential id, as browsers write it."""
        return _text(self._id)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The `toJSON()` of `navigator.credentials.create`."""
        self.user_handle = _bytes(options["user"]["id"])
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        key = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], _HAS_KEY) + key
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": _text(self._client_data("webauthn.create", options)),
            "attestationObject": _text(attestation),
            "transports": ["internal"],
        }
        return {"id": self.id, "rawId": self.id, "type": "public-key", "response": response}

    def get(self, options: dict[str, Any], **changed: str) -> dict[str, Any]:
        """The `toJSON()` of `navigator.credentials.get`; `changed` are fields of the response to lie about."""
        if self.counter:
            self.counter += 1
        data, client_data = self._data(options["rpId"], 0), self._client_data("webauthn.get", options)
        signature = self._key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": _text(client_data),
            "authenticatorData": _text(data),
            "signature": _text(signature),
            "userHandle": _text(self.user_handle),
        }
        return {"id": self.id, "rawId": self.id, "type": "public-key", "response": response | changed}

    def _data(self, rp_id: str, flags: int) -> bytes:
        flags |= _USER_PRESENT | (_USER_VERIFIED if self.verifies else 0)
        return sha256(rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
