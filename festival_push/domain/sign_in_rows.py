"""The rows of signing in: where a person is signed in, and who they are at an identity provider. As all of `rows`."""

import msgspec

from festival_push.domain.values import Instant, Role, UserId


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


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A process that serves this database."""

    server_id: str
    fingerprints: tuple[str, ...]  # of the secrets that it knows sessions by; first of the one that signs
    at: Instant  # when it last said so; 0: it has ended
