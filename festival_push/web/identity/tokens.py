"""Tokens: signed by us (HS256), or by an identity provider that the organiser trusts (through its JWKS)."""

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import jwt
import msgspec
from jwt.utils import base64url_encode

from festival_push.domain.values import Instant
from festival_push.settings import SECRET_BYTES_MIN, Secrets, Settings
from festival_push.web.identity.claims import CHECKED_BY_US, Claims, ExpiredToken, InvalidToken, TokenUse, to_claims
from festival_push.web.identity.keys.jwks import IdentityProvider, Jwks
from festival_push.web.identity.keys.own import CheckedKeys
from festival_push.web.parsing.ids import new_id

SKEW_S: Final = 60
"""How many seconds an issuer's clock may be ahead of ours. Expiry is checked without leeway."""
_TOKEN_CHARS_MAX: Final = 4096
_CACHED_MAX: Final = 20_000  # about 10 MB
_OURS: Final = "HS256"
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KID_BYTES: Final = 6
_HEADS_MAX: Final = 32


class Issued(msgspec.Struct, frozen=True):
    """A token that was just signed."""

    token: str
    jti: str
    expires_at: Instant


class Tokens:
    """Issues and verifies tokens."""

    def __init__(
        self,
        *,
        secrets: Secrets,
        issuer: str,
        audience: str,
        now: Callable[[], Instant],
        provider: IdentityProvider | None = None,
    ) -> None:
        """Raises ValueError without a secret, for one shorter than 32 bytes, and for one that is no secret but a key of
        some other kind."""
        texts = [secret.reveal() for secret in secrets]
        if not texts or any(len(text.encode()) < SECRET_BYTES_MIN for text in texts):
            raise ValueError(f"the token secret needs at least {SECRET_BYTES_MIN} bytes")
        kids = [key[:_KID_BYTES].hex() for key in secrets.derived(b"kid")]
        keys = [
            jwt.PyJWK({"kty": "oct", "alg": _OURS, "k": base64url_encode(text.encode()).decode()}) for text in texts
        ]
        try:
            checked = CheckedKeys(text.encode() for text in texts)
        except jwt.InvalidKeyError as error:
            raise ValueError(f"the token secret can't be used: {error}") from None
        for key in keys:
            key.Algorithm = checked
        self._keys = dict(zip(kids, keys, strict=True))
        self._key, self._kid = keys[0], kids[0]
        self._jws = jwt.PyJWS()
        self._jws.unregister_algorithm(_OURS)
        self._jws.register_algorithm(_OURS, checked)
        self._issuer = issuer
        self._audiences = {audience + part.value: part for part in TokenUse}
        self._names = {part: name for name, part in self._audiences.items()}
        self.now = now
        self.provider = provider
        self._jwt = jwt.PyJWT(options={"enforce_minimum_key_length": True})
        self._verified: dict[bytes, Claims] = {}
        self._verified_before: dict[bytes, Claims] = {}  # two generations of dicts take half the memory of one LRU

    def issue(
        self,
        subject: str,
        audience: TokenUse,
        ttl_s: int,
        *,
        until: Instant | None = None,
        session: str | None = None,
        session_expires_at: Instant | None = None,
        ticket: str | None = None,
        version: int = 0,
        screen: bool = False,
        sealed: str | None = None,
        key: str | None = None,
    ) -> Issued:
        """Sign a token for `ttl_s` seconds.

        Args:
            subject: The id of a person, or of a display.
            until: The latest expiry, however long `ttl_s` is.
            session: jti of the session that the token belongs to, which ends at `session_expires_at`; None: the
                token is its own session.
            ticket: jti of the ticket that a stream token goes with.
            version: The person's `session_version`.
            screen: The subject of a ticket or stream token is a display.
            sealed: The secret of an app that is being enrolled, sealed.
            key: The provider's key that the session hangs on: the token is refused once that is withdrawn.
        """
        iat = self.now() // 1000
        exp = iat + ttl_s if until is None else min(iat + ttl_s, until // 1000)
        jti = new_id()
        payload: dict[str, str | int | bool] = {
            "iss": self._issuer, "aud": self._names[audience], "sub": subject, "iat": iat, "exp": exp, "jti": jti,
        }  # fmt: skip
        if session is not None and session_expires_at is not None:
            payload |= {"sid": session, "until": session_expires_at // 1000}
        if ticket is not None:
            payload["ticket"] = ticket
        if version:
            payload["ver"] = version
        if screen:
            payload["screen"] = True
        if sealed is not None:
            payload["sealed"] = sealed
        if key is not None:
            payload["key"] = key
        token = self._jws.encode(msgspec.json.encode(payload), self._key, algorithm=_OURS, headers={"kid": self._kid})
        return Issued(token, jti, Instant(exp * 1000))

    async def verify(self, token: str, *audiences: TokenUse) -> Claims:
        """Return the claims of a token for one of these audiences. Raises InvalidToken, ExpiredToken."""
        if len(token) > _TOKEN_CHARS_MAX:
            raise InvalidToken("The token is too long.")
        digest = blake2b(token.encode("utf-8", "replace"), digest_size=16).digest()  # so that memory holds no token
        claims = self._verified.get(digest) or self._verified_before.get(digest)
        if claims is None:
            claims = await self._decode(token)
            self._verified[digest] = claims
            if len(self._verified) >= _CACHED_MAX // 2:
                self._verified, self._verified_before = {}, self._verified
        if claims.audience not in audiences:
            raise InvalidToken("The token is for something else.")
        if claims.key is not None and not (self.provider is not None and await self.provider.holds(claims.key)):
            raise InvalidToken("The token's key is not known any more.")
        now_s = self.now() / 1000
        if claims.exp <= now_s:
            raise ExpiredToken(claims)
        if max(claims.iat, claims.nbf or 0) > now_s + SKEW_S:
            raise InvalidToken("The token is not valid yet.")
        return claims

    async def _decode(self, token: str) -> Claims:
        """Verify all but times and audience, which `verify` checks at each call, also of a cached token."""
        if not _SHAPE.fullmatch(token):  # decoders forgive padding and other signs: one token would have many spellings
            raise InvalidToken("The token is not valid.")
        try:
            if self.provider is None or _header_of(token.partition(".")[0]).get("alg") == _OURS:
                return self._decode_ours(token)
            return await self.provider.verify(token)
        except jwt.PyJWTError as error:
            raise InvalidToken("The token is not valid.") from error

    def _decode_ours(self, token: str) -> Claims:
        payload = self._payload_of_ours(token)
        audience = self._audiences.get(payload["aud"]) if isinstance(payload["aud"], str) else None
        if audience is None:
            raise InvalidToken("The token is for something else.")
        return to_claims(payload | {"audience": audience, "external": False})

    def _payload_of_ours(self, token: str) -> dict[str, Any]:
        """Verify by the secret that the token names; those of before they named one, by whichever fits."""
        kid = _header_of(token.partition(".")[0]).get("kid")
        keys = [self._keys[kid]] if kid in self._keys else list(self._keys.values()) if kid is None else []
        for key in keys:
            try:
                found: dict[str, Any] = self._jwt.decode(
                    token, key, algorithms=[_OURS], issuer=self._issuer, options=CHECKED_BY_US
                )
            except jwt.InvalidSignatureError:
                continue
            return found
        raise InvalidToken("The token is not valid.")


@lru_cache(maxsize=_HEADS_MAX)
def _header_of(head: str) -> dict[str, Any]:
    """Read what stands before a token's first dot, unverified. All tokens of one key begin alike, so it is kept: it
    took a fourth of the verification (17 of 67 µs). Raises PyJWTError."""
    return jwt.get_unverified_header(head + ".e30.AA")  # with some payload and signature, which it does not look at


def build_tokens(settings: Settings, now: Callable[[], Instant]) -> Tokens:
    """Return the issuer and verifier of tokens, with the identity provider's keys if one is configured."""
    auth, provider = settings.auth, None
    if auth.jwks_url:
        provider = IdentityProvider(
            Jwks(auth.jwks_url), issuer=auth.jwks_issuer, audience=auth.audience, ttl_max_s=auth.token_ttl_s
        )
    return Tokens(secrets=auth.jwt_secret, issuer=auth.issuer, audience=auth.audience, now=now, provider=provider)
