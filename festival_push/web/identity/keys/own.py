"""HS256 with our own keys, each checked once. At every signature PyJWT looks whether a key is one of another kind, and
parses it as JSON for that, which takes it longer than the signature: 22 of 50 µs."""

from collections.abc import Iterable

from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import InvalidKeyError


class CheckedKeys(HMACAlgorithm):
    """Signs and verifies by these keys as PyJWT does. Raises InvalidKeyError for one that PyJWT would refuse."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        super().__init__(HMACAlgorithm.SHA256)
        self._checked = {key: HMACAlgorithm.prepare_key(self, key) for key in keys}

    def prepare_key(self, key: str | bytes) -> bytes:
        """Return the key. Raises InvalidKeyError for one that is not ours."""
        try:
            return self._checked[key.encode() if isinstance(key, str) else key]
        except KeyError:
            raise InvalidKeyError("It is not a key of ours.") from None
