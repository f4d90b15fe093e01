"""Issue the tokens of sign-ins, and of sessions that go on: the one place where somebody becomes signed in.

Whoever has checked a PIN, a second factor or an invitation calls `Issuing.begin`.
"""

import asyncio
import logging
from collections import OrderedDict
from typing import Final

from festival_push.domain.refusals import Refused
from festival_push.domain.rows import User
from festival_push.domain.signing_in.sessions import BeginSession, RenewSession
from festival_push.domain.values import Actor, Instant
from festival_push.settings import Settings
from festival_push.store.errors import CommandFailed, Overloaded, Unavailable
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.principal import Principal
from festival_push.web.identity.tokens import Issued, Tokens

_DAY_S: Final = 86_400
_AGAIN_MS: Final = 60_000  # a page sends several requests at once, and one new cookie is enough
_WAIT_S: Final = 1.0
_TRIED_MAX: Final = 20_000
_log = logging.getLogger(__name__)


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
        self._tried: OrderedDict[str, Instant] = OrderedDict()  # by session: when to try again

    async def begin(self, user: User, *, device: str, ttl_s: int | None = None, actor: Actor | None = None) -> Issued:
        """Sign a person in, who has just proved who they are.

        Args:
            user: As they were when the proof was checked: a PIN that was changed since then makes the token invalid.
            device: What they will know the device by: `device_name`.
            ttl_s: How many seconds the token lives; None: as long as all do.
            actor: Who lets them in, if they have proved nothing; None: they themselves.

        Raises:
            Overloaded, Unavailable: As `Committer.submit`; nobody is signed in then.
        """
        version = user.session_version
        ttl_s = ttl_s or min(self._ttl_s, self._longest_s)
        issued = self._tokens.issue(user.user_id, TokenUse.SESSION, ttl_s, version=version)
        await self._committer.submit(
            BeginSession(
                session_id=issued.jti,
                user_id=user.user_id,
                version=version,
                device=device,
                expires_at=issued.expires_at,
                actor=actor,
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

    async def renew_in_passing(self, caller: Principal) -> Issued | None:
        """As `renew`, for a session whose token is in the second half of its life, about once; None if it isn't, or if
        that can't be done now: the request that it comes with is more important."""
        now = self._tokens.now()
        if caller.renew_at is None or now < caller.renew_at or now < self._tried.get(caller.jti, 0):
            return None
        self._try_again(caller, Instant(now + _AGAIN_MS))
        try:
            async with asyncio.timeout(_WAIT_S):
                return await self.renew(caller)
        except Refused:
            self._try_again(caller, caller.expires_at)
        except (Overloaded, Unavailable, CommandFailed, TimeoutError) as error:
            _log.info("a session was not renewed in passing: %r", error)
        return None

    def _try_again(self, caller: Principal, at: Instant) -> None:
        self._tried[caller.jti] = at
        self._tried.move_to_end(caller.jti)
        if len(self._tried) > _TRIED_MAX:
            self._tried.popitem(last=False)


def build_issuing(settings: Settings, tokens: Tokens, committer: Committer) -> Issuing:
    """Return what signs people in."""
    auth = settings.auth
    return Issuing(tokens=tokens, committer=committer, ttl_s=auth.token_ttl_s, max_days=auth.session_max_days)
