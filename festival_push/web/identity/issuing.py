"""Issue the tokens of sign-ins, and of sessions that go on: the one place where somebody becomes signed in.

Whoever has checked a PIN, a second factor or an invitation calls `Issuing.begin`.
"""

from typing import Final

from festival_push.domain.people.sessions import BeginSession, RenewSession
from festival_push.domain.rows import User
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.principal import Principal
from festival_push.web.identity.tokens import Issued, Tokens

_DAY_S: Final = 86_400


class Issuing:
    """Begins and renews sessions, each a row in the database and the tokens of one device.

    Args:
        ttl_s: How many seconds a token lives.
        max_days: How many days a session may go on after the sign-in, however often it is renewed.
    """

    def __init__(self, *, tokens: Tokens, committer: Committer, ttl_s: int, max_days: int) -> None:
        self._tokens = tokens
        self._committer = committer
        self._ttl_s = ttl_s
        self._longest_s = max_days * _DAY_S

    async def begin(self, user: User, *, device: str, ttl_s: int | None = None) -> Issued:
        """Sign a person in, who has just proved who they are.

        Args:
            user: As they were when the proof was checked: a PIN that was changed since then makes the token invalid.
            device: What they will know the device by: `device_name`.
            ttl_s: How many seconds the token lives; None: as long as all do.

        Raises:
            Overloaded, Unavailable: As `Committer.submit`; nobody is signed in then.
        """
        version = user.session_version
        issued = self._tokens.issue(user.user_id, TokenUse.SESSION, ttl_s or self._ttl_s, version=version)
        await self._committer.submit(
            BeginSession(
                session_id=issued.jti,
                user_id=user.user_id,
                version=version,
                device=device,
                expires_at=issued.expires_at,
            )
        )
        return issued

    async def renew(self, caller: Principal) -> Issued:
        """Return a new token of the caller's session; the one that they called by stays valid until it expires.

        Raises:
            SessionNotRenewable, Suspended: As `RenewSession`.
            Overloaded, Unavailable: As `Committer.submit`.
        """
        command = RenewSession(
            session_id=caller.jti,
            user_id=caller.user.user_id,
            ttl_ms=self._ttl_s * 1000,
            longest_ms=self._longest_s * 1000,
            until=caller.expires_at,
        )
        row = (await self._committer.submit(command)).reply
        return self._tokens.issue(
            row.user_id,
            TokenUse.SESSION,
            self._ttl_s,
            until=row.expires_at,
            session=row.session_id,
            session_expires_at=row.expires_at,
            version=row.version,
        )
