"""Verify tokens of an existing identity provider with the keys that it publishes (JWKS)."""

import asyncio
import logging
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import jwt

from festival_push.web.identity.claims import CHECKED_BY_US, Claims, InvalidToken, to_claims
from festival_push.web.parsing.fields import ID_CHARS_MAX

_ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")  # the provider's key decides which of them, never the token alone
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_FETCH_TIMEOUT_S: Final = 5.0
_REFETCH_S: Final = 30.0  # a token with an invented key id makes us ask again at most this often
_LIFESPAN_S: Final = 600.0  # a withdrawn key is trusted this long

_log = logging.getLogger(__name__)


class Jwks:
    """The provider's public keys by id; fetched in a thread, one fetch at a time, kept when a fetch fails.

    Args:
        fetch_s: The longest time of a fetch, in seconds. A person who signs in waits for it.
    """

    def __init__(
        self, url: str, *, clock_s: Callable[[], float] = time.monotonic, fetch_s: float = _FETCH_TIMEOUT_S
    ) -> None:
        """Raises ValueError for a URL that is neither https nor on this machine."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("auth.jwks_url must be https://…, or http://… on this machine")
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=fetch_s)
        self._clock_s = clock_s
        self._fetch_s = fetch_s
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at_s: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """Return the key of this id, or None when the provider has none."""
        if kid not in self._keys:
            await self._refresh(after_s=_REFETCH_S)
        elif self._age_s() >= _LIFESPAN_S:
            await self._refresh(after_s=_LIFESPAN_S)
        return self._keys.get(kid)

    def _age_s(self) -> float:
        return float("inf") if self._asked_at_s is None else self._clock_s() - self._asked_at_s

    async def _refresh(self, *, after_s: float) -> None:
        """Fetch the keys unless that was tried within `after_s` seconds; callers meanwhile wait for the same fetch."""
        if self._fetching is None and self._age_s() >= after_s:
            self._asked_at_s = self._clock_s()
            self._fetching = asyncio.create_task(self._fetch())
        if self._fetching is not None:
            await asyncio.shield(self._fetching)  # a caller that goes away must not cancel the others' fetch

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(self._fetch_s):  # urllib's own timeout is for each read alone
                fetched = await asyncio.to_thread(self._client.fetch_data)
            keys = jwt.PyJWKSet.from_dict(fetched).keys
            self._keys = {key.key_id: key for key in keys if key.key_id and key.public_key_use in {None, "sig"}}
        except (jwt.PyJWTError, TimeoutError, OSError, ValueError) as error:
            _log.warning("the identity provider's keys can't be fetched: %s", error)
        finally:
            self._fetching = None


class IdentityProvider:
    """Verifies a provider's tokens; they count as sessions."""

    def __init__(self, jwks: Jwks, *, issuer: str, audience: str) -> None:
        """Raises ValueError without an issuer: a key set may serve several."""
        if not issuer:
            raise ValueError("auth.jwks_issuer is required with auth.jwks_url")
        self._jwks = jwks
        self._issuer = issuer
        self._audience = audience
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})

    async def verify(self, token: str) -> Claims:
        """Verify all of a token but its times, and return its claims. Raises InvalidToken, jwt.PyJWTError."""
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if not isinstance(kid, str) or header.get("alg") not in _ALGORITHMS:
            raise InvalidToken("The token names no key, or an algorithm that we don't take.")
        if (key := await self._jwks.key(kid)) is None:
            raise InvalidToken("The token's key is not known.")
        required = [claim for claim in CHECKED_BY_US["require"] if claim != "jti"]
        payload: dict[str, Any] = self._jwt.decode(
            token, key, algorithms=_ALGORITHMS, issuer=self._issuer, options=CHECKED_BY_US | {"require": required}
        )
        audiences = payload["aud"] if isinstance(payload["aud"], list) else [payload["aud"]]
        if self._audience not in audiences:
            raise InvalidToken("The token is for something else.")
        taken = {name: payload[name] for name in ("sub", "iat", "exp", "nbf", "jti") if name in payload}
        taken.setdefault("jti", sha256(token.encode()).hexdigest())  # many providers give none
        name = payload.get("name")
        taken["sub"] = _fit_for_a_path(taken["sub"])
        return to_claims(taken | {"name": name if isinstance(name, str) else None, "external": True})


def _fit_for_a_path(sub: object) -> object:
    """Return the provider's id of a person in a form that is fit for paths, where routes name people.

    Some ids would be cut in two there, or vanish: those, and ids that are too long, are replaced by their hash.
    """
    if isinstance(sub, str) and ("/" in sub or sub in {".", ".."} or len(sub) > ID_CHARS_MAX):
        return f"sub-{sha256(sub.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
    return sub
