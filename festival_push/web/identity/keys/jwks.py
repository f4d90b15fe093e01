"""Verify tokens of an existing identity provider with the keys that it publishes (JWKS)."""

import asyncio
import logging
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import jwt
import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from festival_push.domain.people.identities import identity_id
from festival_push.settings import is_private_url
from festival_push.web.identity.claims import CHECKED_BY_US, Claims, InvalidToken, to_claims

_ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")  # the provider's key decides which of them, never the token alone
_FETCH_TIMEOUT_S: Final = 5.0
_REFETCH_S: Final = 30.0  # a token with an invented key id makes us ask again at most this often
_LIFESPAN_S: Final = 600.0  # a withdrawn key is trusted this long
_STALE_S: Final = 86_400.0  # and this long while the provider can't be asked: its outage must not sign everybody out
_SUBJECT_CHARS_MAX: Final = 255  # as OpenID Connect has it

_log = logging.getLogger(__name__)


class Jwks:
    """The provider's public keys by id; fetched in a thread, one fetch at a time, kept when a fetch fails.

    Args:
        fetch_s: The longest time of a fetch, in seconds. A person who signs in waits for it.
    """

    def __init__(
        self, url: str, *, clock_s: Callable[[], float] = time.monotonic, fetch_s: float = _FETCH_TIMEOUT_S
    ) -> None:
        assert is_private_url(url), "the settings are checked before"
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=fetch_s)
        self._clock_s = clock_s
        self._fetch_s = fetch_s
        self._keys: dict[str, tuple[jwt.PyJWK, str]] = {}  # by key id: the key and its fingerprint
        self._held: frozenset[str] = frozenset()  # the fingerprints
        self._asked_at_s: float | None = None
        self._fetched_at_s: float | None = None  # the last time that the provider answered
        self.on_withdrawn: Callable[[frozenset[str]], None] = lambda _: None
        """Called with the fingerprints of keys that are believed no longer."""
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> tuple[jwt.PyJWK, str] | None:
        """Return the key of this id with its fingerprint, or None when the provider has none."""
        if kid not in self._keys:
            await self._refresh(after_s=_REFETCH_S)
        await self._keep_fresh()
        return self._keys.get(kid)

    async def holds(self, fingerprint: str) -> bool:
        """Return whether the provider still has a key: the very same, not only one of the same id."""
        await self._keep_fresh()
        return fingerprint in self._held

    async def run(self) -> None:
        """Keep the keys fresh also while nobody calls, until cancelled: streams are open that hang on them."""
        while True:
            await asyncio.sleep(_LIFESPAN_S / 2)
            await self.refresh()

    async def refresh(self) -> None:
        """Ask the provider now, and tell of the keys that it has withdrawn."""
        await self._refresh(after_s=0)
        self._forget_stale()

    async def _keep_fresh(self) -> None:
        if self._age_s() >= _LIFESPAN_S:
            await self._refresh(after_s=_LIFESPAN_S)
        self._forget_stale()

    def _forget_stale(self) -> None:
        if self._fetched_at_s is not None and self._clock_s() - self._fetched_at_s >= _STALE_S:
            self._take({})

    def _take(self, keys: dict[str, tuple[jwt.PyJWK, str]]) -> None:
        before = self._held
        self._keys, self._held = keys, frozenset(fingerprint for _, fingerprint in keys.values())
        if withdrawn := before - self._held:
            _log.warning("the identity provider has withdrawn %d of its keys", len(withdrawn))
            self.on_withdrawn(withdrawn)

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
            self._take({str(key.key_id): (key, _fingerprint(key)) for key in keys if _signs(key)})
            self._fetched_at_s = self._clock_s()
        except (jwt.PyJWTError, TimeoutError, OSError, ValueError) as error:
            _log.warning("the identity provider's keys can't be fetched: %s", error)
        finally:
            self._fetching = None


class IdentityProvider:
    """Verifies a provider's tokens; they count as sessions.

    Args:
        ttl_max_s: How many seconds after its `iat` a token is believed, whatever its `exp` says.
    """

    def __init__(self, jwks: Jwks, *, issuer: str, audience: str, ttl_max_s: int) -> None:
        assert issuer, "the settings are checked before"  # a key set may serve several
        self.jwks = jwks
        self.issuer = issuer
        self._audience = audience
        self._ttl_max_s = ttl_max_s
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})

    async def holds(self, key: str) -> bool:
        """Return whether a key that has vouched for somebody is still the provider's, given its fingerprint."""
        return await self.jwks.holds(key)

    async def verify(self, token: str) -> Claims:
        """Verify all of a token but its times, and return its claims. Raises InvalidToken, jwt.PyJWTError."""
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if not isinstance(kid, str) or header.get("alg") not in _ALGORITHMS:
            raise InvalidToken("The token names no key, or an algorithm that we don't take.")
        if (known := await self.jwks.key(kid)) is None:
            raise InvalidToken("The token's key is not known.")
        key, fingerprint = known
        required = [claim for claim in CHECKED_BY_US["require"] if claim != "jti"]
        payload: dict[str, Any] = self._jwt.decode(
            token, key, algorithms=_ALGORITHMS, issuer=self.issuer, options=CHECKED_BY_US | {"require": required}
        )
        audiences = payload["aud"] if isinstance(payload["aud"], list) else [payload["aud"]]
        if self._audience not in audiences:
            raise InvalidToken("The token is for something else.")
        subject, name = payload["sub"], payload.get("name")
        if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_CHARS_MAX or not subject.isprintable():
            raise InvalidToken("The token's subject is not right.")
        times = {claim: payload[claim] for claim in ("iat", "exp", "nbf") if claim in payload}
        claims = to_claims(
            times
            | {
                "sub": identity_id(self.issuer, subject),
                "subject": subject,
                # What was signed, not the token: one signature has several spellings, and ES256 several signatures. Nor
                # the provider's `jti`, which could be that of one of our own sessions.
                "jti": sha256(token.rpartition(".")[0].encode()).hexdigest(),
                "key": fingerprint,
                "name": name if isinstance(name, str) else None,
                "external": True,
            }
        )
        return msgspec.structs.replace(claims, exp=min(claims.exp, claims.iat + self._ttl_max_s))


def _signs(key: jwt.PyJWK) -> bool:
    """Return whether tokens may be signed with this public key."""
    asked = bool(key.key_id) and key.public_key_use in {None, "sig"} and key.algorithm_name in _ALGORITHMS
    return asked and hasattr(key.key, "public_bytes")  # a private key that was published is no proof of anything


def _fingerprint(key: jwt.PyJWK) -> str:
    """Return what tells this key from all others, also from another one that takes over its id."""
    material = key.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(str(key.key_id).encode() + b"\0" + material).hexdigest()[:32]
