"""Seal secrets that must be kept as they are: whoever reads a copy of the database can't use them.

    v1.<key id>.<nonce and ciphertext, base64url>

The key is derived from the secret that signs the tokens. Where several of these are in use, the first one seals and all
of them open, so that a secret survives a rotation: at its start, the server seals anew what an older one has sealed.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = "v1"
_NONCE_BYTES: Final = 12
_KEY_ID_CHARS: Final = 8


class Sealer:
    """Seals and opens secrets, each bound to its owner: moved into another row, it does not open.

    Args:
        keys: 32 bytes each, at least one; the first one seals, all of them open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {sha256(key).hexdigest()[:_KEY_ID_CHARS]: AESGCM(key) for key in keys}
        self._present = next(iter(self._keys))

    def seal(self, secret: str, owner: str) -> str:
        """Return the secret as it may be stored; each time another text."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._keys[self._present].encrypt(nonce, secret.encode(), owner.encode())
        return f"{_VERSION}.{self._present}.{urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, owner: str) -> str | None:
        """Return what was sealed for this owner; None if it was for another, or by a key that is gone."""
        version, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        key = self._keys.get(key_id)
        if version != _VERSION or key is None:
            return None
        try:
            whole = urlsafe_b64decode(text)
            return key.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], owner.encode()).decode()
        except (BadBase64, InvalidTag, ValueError):
            return None

    def renewed(self, sealed: str, owner: str) -> str | None:
        """Return the secret sealed with the first key; None if it is so already, or can't be opened."""
        if sealed.startswith(f"{_VERSION}.{self._present}."):
            return None
        secret = self.open(sealed, owner)
        return None if secret is None else self.seal(secret, owner)
