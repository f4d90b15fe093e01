"""Signing in by a second factor after the PIN, or by a passkey alone."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from starlette.responses import Response

from festival_push.domain.refusals import NotFound, Suspended, TokenSpent
from festival_push.domain.signing_in.factors import UseFactor
from festival_push.domain.signing_in.guesses import CountTry
from festival_push.domain.signing_in.refusals import WrongFactor
from festival_push.domain.values import UserId
from festival_push.web.api.people.pin_check import count_factor_try
from festival_push.web.api.people.second_step import (
    SecondStep,
    challenge_of,
    opened,
    proof_of,
    relying_party,
)
from festival_push.web.api.people.signing_in import SignedIn, sign_in
from festival_push.web.api.views import View
from festival_push.web.identity.claims import TokenUse
from festival_push.web.identity.factors.challenges import CHALLENGE_TTL_S, SignedText
from festival_push.web.identity.factors.passkeys import UsedPasskey, is_owner
from festival_push.web.identity.limits import BudgetKind
from festival_push.web.parsing.fields import Body
from festival_push.web.parsing.problems import Unauthorized
from festival_push.web.routing.endpoint import ANYONE, Call, Endpoints, Refusal, json_response

ENDPOINTS: Final = Endpoints()

_CHALLENGED: Final[tuple[Refusal, ...]] = (
    *UseFactor.REFUSES, Suspended, (401, "unauthorized"), (401, "token-expired"),
)  # fmt: skip
_ANYONE: Final = "anyone"
"""The subject of a challenge for whoever has a passkey."""


class NoBody(Body, frozen=True, kw_only=True):
    """Nothing to say."""


class PasskeySignIn(Body, frozen=True, kw_only=True):
    """The challenge, and the passkey that answers it."""

    challenge: SignedText
    passkey: UsedPasskey


class PasskeyAsked(View, frozen=True, kw_only=True):
    """What to ask the browser for."""

    challenge: str
    options: Annotated[dict[str, Any], Meta(description="Options for `navigator.credentials.get`.")]


@ENDPOINTS.post(
    "/v1/auth/login/factor",
    ANYONE,
    body=SecondStep,
    budget=BudgetKind.SIGN_IN,
    answers={200: SignedIn},
    refuses=(*_CHALLENGED, *CountTry.REFUSES),
)
async def prove_second_factor(call: Call) -> Response:
    """POST /v1/auth/login/factor: completes a sign-in whose PIN was right. Wrong proofs have a count of their own."""
    step = await call.body(SecondStep)
    claims = await opened(call, step.challenge, TokenUse.CHALLENGE)
    try:
        failures = await count_factor_try(call, UserId(claims.sub))
    except NotFound:
        raise Unauthorized from None
    used = msgspec.structs.replace(await proof_of(call, claims, step), failures=failures)
    committed = await call.services.committer.submit(used)
    return await sign_in(call, committed.reply, status=200)


@ENDPOINTS.post("/v1/auth/passkey/options", ANYONE, body=NoBody, budget=BudgetKind.SIGN_IN, answers={200: PasskeyAsked})
async def ask_for_passkey(call: Call) -> Response:
    """POST /v1/auth/passkey/options: a challenge for whoever has a passkey, without a PIN."""
    await call.body(NoBody)
    issued = call.services.tokens.issue(_ANYONE, TokenUse.PASSKEY, CHALLENGE_TTL_S)
    options = relying_party(call).sign_in_options(issued.jti, alone=True)
    return json_response(PasskeyAsked(challenge=issued.token, options=options))


@ENDPOINTS.post(
    "/v1/auth/passkey",
    ANYONE,
    body=PasskeySignIn,
    budget=BudgetKind.SIGN_IN,
    answers={200: SignedIn},
    refuses=(TokenSpent, Suspended, (401, "unauthorized"), (401, "token-expired"), (401, "invalid-credentials")),
)
async def sign_in_by_passkey(call: Call) -> Response:
    """POST /v1/auth/passkey: the device has made sure that it is its owner, so it counts for both steps."""
    body = await call.body(PasskeySignIn)
    services = call.services
    claims = await opened(call, body.challenge, TokenUse.PASSKEY)
    factor = await services.reads.passkey(body.passkey.id)
    person = None if factor is None else await services.reads.person(factor.user_id)
    if factor is None or person is None or not is_owner(body.passkey, person.user):
        raise _unknown()
    try:
        counter = relying_party(call).accept_used(body.passkey, factor, claims.jti, alone=True)
        used = UseFactor(
            user_id=person.user_id, factor_id=factor.factor_id, counter=counter,
            challenge=challenge_of(claims, version=None),
        )  # fmt: skip
        committed = await services.committer.submit(used)
    except WrongFactor:
        raise _unknown() from None
    return await sign_in(call, committed.reply, status=200)


def _unknown() -> Unauthorized:
    return Unauthorized("invalid-credentials", "This passkey signs nobody in here.")
