"""The second step of a sign-in, and the proof that somebody who is signed in gives again before they change it."""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from festival_push.domain.rows import User
from festival_push.domain.signing_in.factors import Challenge, UseFactor
from festival_push.domain.signing_in.guesses import CountTry
from festival_push.domain.signing_in.refusals import WrongFactor, WrongPin
from festival_push.domain.signing_in.rows import Factor
from festival_push.domain.values import FactorKind, UserId
from festival_push.web.api.people.pin_check import count_factor_try, require_own_pin
from festival_push.web.identity.claims import Claims, ExpiredToken, InvalidToken, TokenUse
from festival_push.web.identity.factors.challenges import CHALLENGE_TTL_S, SECOND_FACTOR_REQUIRED, Method, SignedText
from festival_push.web.identity.factors.passkeys import RelyingParty, UsedPasskey
from festival_push.web.identity.factors.recovery import RecoveryCode, recovery_hash
from festival_push.web.identity.factors.totp import Totp, step_of
from festival_push.web.identity.pins import BUSY, Pin
from festival_push.web.parsing.addresses import public_url
from festival_push.web.parsing.fields import Body
from festival_push.web.parsing.problems import ProblemError, Unauthorized, field_error
from festival_push.web.routing.endpoint import Call, Refusal

PROOF_REFUSES: Final[tuple[Refusal, ...]] = (*CountTry.REFUSES, WrongPin, WrongFactor, BUSY)
"""The refusals that every route adds whose body is `Again`."""


class SecondStep(Body, frozen=True, kw_only=True):
    """The challenge that a right PIN was answered with, and one proof."""

    challenge: SignedText
    totp: Totp | UnsetType = UNSET
    passkey: UsedPasskey | UnsetType = UNSET
    recovery_code: RecoveryCode | UnsetType = UNSET


class Again(Body, frozen=True, kw_only=True):
    """The caller's PIN, or a code of their app: whoever finds an open session must not be able to change this."""

    pin: Pin | UnsetType = UNSET
    totp: Totp | UnsetType = UNSET


async def second_step_asked(call: Call, user: User) -> ProblemError:
    """Return the refusal of a right PIN that is not enough, with the challenge and what may answer it."""
    services = call.services
    present = await services.reads.factors(user.user_id)
    kinds = {factor.kind for factor in present}
    methods: list[Method] = [kind for kind in ("totp", "passkey") if FactorKind(kind) in kinds]
    issued = services.tokens.issue(user.user_id, TokenUse.CHALLENGE, CHALLENGE_TTL_S, version=user.session_version)
    asked = ProblemError(
        401, SECOND_FACTOR_REQUIRED, "The PIN is right; now your second factor.",
        headers={"WWW-Authenticate": "Bearer"}, challenge=issued.token, methods=[*methods, "recoveryCode"],
    )  # fmt: skip
    if FactorKind.PASSKEY in kinds:
        asked.extra["passkey"] = relying_party(call).sign_in_options(issued.jti, present, alone=False)
    return asked


async def proof_of(call: Call, claims: Claims, step: SecondStep) -> UseFactor:
    """Check the proof of a sign-in's second step, and return the command that lets it count.

    Raises BadRequest unless there is just one proof; WrongFactor.
    """
    given = [name for name in ("totp", "passkey", "recovery_code") if getattr(step, name) is not UNSET]
    if len(given) != 1:
        raise field_error("totp", "is required, or passkey, or recoveryCode; just one of them")
    user_id = UserId(claims.sub)
    challenge = challenge_of(claims, version=claims.ver)
    if step.recovery_code is not UNSET:
        return UseFactor(user_id=user_id, recovery_hash=recovery_hash(step.recovery_code), challenge=challenge)
    present = await call.services.reads.factors(user_id)
    if step.totp is not UNSET:
        return by_code(call, present, step.totp, challenge)
    assert step.passkey is not UNSET
    sent = step.passkey
    factor = next((each for each in present if each.credential_id == sent.id), None)
    if factor is None:
        raise WrongFactor
    counter = relying_party(call).accept_used(sent, factor, claims.jti, alone=False)
    return UseFactor(user_id=user_id, factor_id=factor.factor_id, counter=counter, challenge=challenge)


def by_code(call: Call, present: list[Factor], code: str, challenge: Challenge | None = None) -> UseFactor:
    """Return the command for a code of one of these apps. Raises WrongFactor."""
    services = call.services
    for factor in present:
        secret = None if factor.secret is None else services.sealer.open(factor.secret, factor.user_id)
        if secret is not None and (step := step_of(secret, code, services.now())) is not None:
            return UseFactor(user_id=factor.user_id, factor_id=factor.factor_id, counter=step, challenge=challenge)
    raise WrongFactor


async def require_again(call: Call, body: Again) -> None:
    """Let the caller prove again who they are. Raises BadRequest, TooManyTries, WrongPin, WrongFactor, TooBusy."""
    if (body.pin is UNSET) == (body.totp is UNSET):
        raise field_error("pin", "is required, or totp; just one of them")
    if body.pin is not UNSET:
        await require_own_pin(call, body.pin)
        return
    assert body.totp is not UNSET
    failures = await count_factor_try(call, call.actor_id)
    used = by_code(call, await call.services.reads.factors(call.actor_id), body.totp)
    await call.services.committer.submit(msgspec.structs.replace(used, failures=failures))


async def opened(call: Call, token: str, use: TokenUse) -> Claims:
    """Return the claims of a challenge or an enrolment of ours. Raises Unauthorized."""
    try:
        return await call.services.tokens.verify(token, use)
    except ExpiredToken as error:
        raise Unauthorized("token-expired", "This took too long: begin again.") from error
    except InvalidToken as error:
        raise Unauthorized(detail=str(error)) from None


def challenge_of(claims: Claims, *, version: int | None) -> Challenge:
    """Return the challenge that a sign-in uses up."""
    return Challenge(jti=claims.jti, expires_at=claims.expires_at, version=version)


def relying_party(call: Call) -> RelyingParty:
    """Return this server as the caller's browser knows it; in development it may have any name, such as localhost."""
    services = call.services
    own = public_url(services.settings.server)
    origins = services.origins.of_passkeys(call.request.headers, own)
    return RelyingParty.of_origins(origins, name=services.settings.festival.name)
