"""The rows of signing in: where a person is signed in, by what, as whom at an identity provider. As all of `rows`."""

import msgspec

from festival_push.domain.values import FactorId, FactorKind, Instant, Role, UserId


class Guesses(msgspec.Struct, frozen=True, kw_only=True):
    """Wrong PINs, counted: of an account, or of an address or everybody, whose failures come back evenly."""

    guesses_key: str  # a keyed hash, which names nobody
    failures: int  # since then, in a row
    since: Instant
    free_at: Instant  # an account's next try; a budget: when all of it is free again
    expires_at: Instant  # from this instant on it is as if it did not exist


class SpentToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is no longer valid: a used ticket, or an ended session."""

    jti: str
    expires_at: Instant


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A person signed in on a device. Tokens of before these rows have none, and are valid until they expire."""

    session_id: str  # jti of its first token; an identity provider's: the hash of what was signed
    user_id: UserId
    device: str  # for its owner to know it by; empty if it did not say
    version: int  # the person's `session_version` when it began
    user_type: Role  # the most that the person was then
    external: bool = False  # by an identity provider, which alone can renew it
    created_at: Instant
    last_seen_at: Instant  # written once an hour at most
    expires_at: Instant  # when the newest of its tokens expires
    ended: bool = False


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A person as an identity provider knows them. A subject means nothing without its issuer."""

    identity_id: str  # `identity_id(issuer, subject)`
    issuer: str
    subject: str
    user_id: UserId | None  # None: it was unlinked, and is a new person at its next call
    created_at: Instant


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A person's second factor: an app that shows codes (TOTP), or a passkey (WebAuthn)."""

    factor_id: FactorId
    user_id: UserId
    kind: FactorKind
    name: str
    secret: str | None = (
        None  # of an app: what its codes are made of, sealed; this and the next two end with the factor
    )
    credential_id: str | None = None  # of a passkey, as its owner's browser names it
    public_key: str | None = None  # of a passkey: COSE in base64url
    counter: int = 0  # the last step whose code was used, or the passkey's own count of uses: neither goes back
    created_at: Instant
    last_used_at: Instant | None = None
    ended_at: Instant | None = None


class RecoveryCodes(msgspec.Struct, frozen=True, kw_only=True):
    """The codes by which a person signs in without their second factors, once each; only hashes are kept."""

    user_id: UserId
    hashes: tuple[str, ...] = ()  # of those that nobody has used
    made_at: Instant


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A process that serves this database."""

    server_id: str
    fingerprints: tuple[str, ...]  # of the secrets that it knows sessions by; first of the one that signs
    at: Instant  # when it last said so; 0: it has ended
