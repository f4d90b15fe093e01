"""Tokens by our own keys: HS256 in the compact form of RFC 7515, as PyJWT writes and reads it. PyJWT looks at every
character of a token one by one, and at its head and our key anew: verifying one took it 53 us instead of 20, signing 21
instead of 11 (on a busy machine)."""

import binascii
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import jwt
import msgspec
from jwt.algorithms import HMACAlgorithm
from jwt.utils import base64url_decode, base64url_encode

HS256: Final = "HS256"
_HEADS_MAX: Final = 32


class OwnKeys:
    """Signs by the first of these keys, and verifies by the one that a token names.

    Args:
        keys: By their names; at least one.

    Raises:
        jwt.InvalidKeyError: One is a key of another kind, which must not be a secret of ours.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        algorithm = HMACAlgorithm(HMACAlgorithm.SHA256)
        self._keys = {name: algorithm.prepare_key(key) for name, key in keys.items()}
        name = next(iter(keys))
        self._key = self._keys[name]
        self._head = base64url_encode(msgspec.json.encode({"alg": HS256, "kid": name, "typ": "JWT"}))

    def sign(self, payload: bytes) -> str:
        """Return the token with this payload."""
        signed = self._head + b"." + base64url_encode(payload)
        return (signed + b"." + _mac(self._key, signed)).decode()

    def verify(self, token: str) -> bytes:
        """Return the payload of a token, whose three parts have no characters but base64url's.

        A token of before keys had names is good by any of them. Which algorithm a token says it has decides nothing:
        one that says another than HS256 is refused.

        Raises:
            jwt.PyJWTError: The token is not signed by the key that it names, or its head is none.
        """
        signed, _, signature = token.rpartition(".")
        head, _, payload = signed.partition(".")
        header = header_of(head)
        if header.get("alg") != HS256:
            raise jwt.InvalidAlgorithmError("It is signed in another way.")
        name = header.get("kid")
        keys = self._keys.values() if name is None else [self._keys[name]] if name in self._keys else []
        # The texts are compared, not what they stand for: a signature has one spelling.
        if not any(hmac.compare_digest(_mac(key, signed.encode()), signature.encode()) for key in keys):
            raise jwt.InvalidSignatureError("It is not signed by a key of ours.")
        try:
            return base64url_decode(payload)
        except binascii.Error as error:
            raise jwt.DecodeError("Its payload is not base64url.") from error


@lru_cache(maxsize=_HEADS_MAX)
def header_of(head: str) -> dict[str, Any]:
    """Read what stands before a token's first dot, unverified; kept, because all tokens of one key begin alike. Raises
    jwt.PyJWTError."""
    return jwt.get_unverified_header(head + ".e30.AA")  # with some payload and signature, which it does not look at


def _mac(key: bytes, signed: bytes) -> bytes:
    return base64url_encode(hmac.digest(key, signed, "sha256"))
