"""The keys under which wrong PINs are counted: keyed hashes, so that the database names neither names nor addresses."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Final

from festival_push.domain.signing_in.guesses import Counts, Shared
from festival_push.domain.signing_in.sign_in import sign_in_key
from festival_push.domain.values import UserId
from festival_push.web.identity.guessing.devices import Device

_KEY_BYTES: Final = 15


class GuessKeys:
    """Makes the keys of the counts.

    Args:
        key: Made of the server's secret. With another one all counts begin anew.
    """

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"festival-push counts of wrong PINs", "sha256")

    def of_stranger(self, name: str, address: str, *, proven: bool) -> Counts:
        """Return the counts of a try by a device that has not signed in with this name before.

        Args:
            proven: The device did a proof of work. Then the budget of all does not matter, and the address has another.
        """
        account = self.account(name)
        if proven:
            return Counts(account=account, shared=((Shared.PROVEN, self._of("proven", address)),))
        shared = (Shared.ADDRESS, self._of("address", address)), (Shared.EVERYONE, self._of("everyone"))
        return Counts(account=account, shared=shared)

    def of_device(self, name: str, device: Device) -> Counts:
        """Return the count of a device that has signed in with this name before."""
        return Counts(account=self._of("device", device.device_id.hex(), sign_in_key(name)))

    def of_session(self, user_id: UserId) -> Counts:
        """Return the count of somebody who is signed in and gives their PIN again."""
        return Counts(account=self._of("session", user_id))

    def of_factor(self, user_id: UserId) -> Counts:
        """Return the count of somebody whose PIN was right, and who proves a second factor."""
        return Counts(account=self._of("factor", user_id))

    def of_person(self, user_id: UserId, name: str | None) -> tuple[str, ...]:
        """Return the keys of all counts of one person, whoever has tried, but those of known devices."""
        own = self.of_session(user_id).account, self.of_factor(user_id).account
        return own if name is None else (self.account(name), *own)

    def account(self, name: str) -> str:
        """Return the key of a sign-in name's own count, however it is written."""
        return self._of("account", sign_in_key(name))

    def _of(self, *parts: str) -> str:
        digest = blake2b("\n".join(parts).encode(), key=self._key, digest_size=_KEY_BYTES).digest()
        return urlsafe_b64encode(digest).decode()
