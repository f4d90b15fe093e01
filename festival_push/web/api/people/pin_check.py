"""Checking PINs: of somebody who signs in, and of somebody who is signed in and gives theirs again."""

from typing import Final

from starlette.responses import Response

from festival_push.domain.people.relations import Person
from festival_push.domain.refusals import Suspended
from festival_push.domain.rows import User
from festival_push.domain.signing_in.guesses import Counts, CountTry, PinWasRight
from festival_push.domain.signing_in.refusals import TooManyTries, WrongPin
from festival_push.domain.signing_in.sign_in import sign_in_names
from festival_push.domain.values import UserId
from festival_push.web.identity.cookies import sent_cookies
from festival_push.web.identity.guessing.devices import DEVICE_TTL_S
from festival_push.web.parsing.addresses import client_address
from festival_push.web.parsing.problems import Unauthorized
from festival_push.web.routing.budgets import Budgets
from festival_push.web.routing.endpoint import Call

_WRONG: Final = "Sign-in name and PIN don't match."


async def signed_in_by_pin(call: Call, name: str, pin: str) -> Person:
    """Return the person who has this sign-in name and PIN.

    A wrong PIN and an unknown name get the same answer, after the same reads, writes and hashing.

    Raises:
        Unauthorized: 401 `invalid-credentials`.
        TooManyTries: The account rests.
        ProblemError: 429 with work to do, because the address, or all together, have guessed wrong too often.
        Suspended, TooBusy, ClientDisconnect.
    """
    services, address = call.services, client_address(call.request.scope)
    cookie = services.cookies.device(sent_cookies(call.request.headers))
    device = services.guessing.devices.known(cookie, name)
    if device is not None:
        who, counts = "device", services.guessing.keys.of_device(name, device)
    else:
        who, counts = "stranger", services.guessing.keys.of_stranger(name, address, proven=call.proven)
    user = await _count(call, CountTry(counts=counts, names=sign_in_names(name)))
    if not await call.verify_pin(user.pin_hash if user else None, pin) or user is None:
        services.guessing.watch.note_wrong(who, address)
        raise Unauthorized("invalid-credentials", _WRONG)
    person = await _was_right(call, counts, user, pin)
    if person.user.suspended:
        raise Suspended
    return person


async def require_own_pin(call: Call, pin: str) -> Person:
    """Return the caller as the database has them now, who has given their PIN again. It is counted apart from signing
    in: strangers can't use up these tries.

    Raises WrongPin, TooManyTries, TooBusy, ClientDisconnect.
    """
    caller, services = call.user().user, call.services
    counts = services.guessing.keys.of_session(caller.user_id)
    user = await _count(call, CountTry(counts=counts, user_id=caller.user_id)) or caller
    if not await call.verify_pin(user.pin_hash, pin):
        services.guessing.watch.note_wrong("session", client_address(call.request.scope))
        raise WrongPin  # a 401 would sign them out
    return await _was_right(call, counts, user, pin)


async def count_factor_try(call: Call, user_id: UserId) -> str:
    """Count a try at somebody's second factor before it is looked at; return the key of the count, for `UseFactor`.

    It is not the count of PINs, which a right PIN forgets. Raises NotFound, TooManyTries.
    """
    counts = call.services.guessing.keys.of_factor(user_id)
    await _count(call, CountTry(counts=counts, user_id=user_id))
    return counts.account


def remember_device(call: Call, response: Response, user: User) -> None:
    """Let the browser keep that this person has signed in on it, by their present sign-in name."""
    if user.sign_in is None:
        return
    services = call.services
    cookie = services.cookies.device(sent_cookies(call.request.headers))
    services.cookies.set_device(response, services.guessing.devices.after_sign_in(cookie, user.sign_in), DEVICE_TTL_S)


async def _count(call: Call, command: CountTry) -> User | None:
    """Count every try before the PIN is checked, and return whose it is; None if unknown."""
    services, address = call.services, client_address(call.request.scope)
    try:
        tried = (await services.committer.submit(command)).reply
    except TooManyTries:
        services.guessing.watch.note_refused("account", address)
        raise
    if tried.empty is not None:
        services.guessing.watch.note_refused(tried.empty.value, address)
        raise Budgets(call.endpoint, call.request, services).refusal(tried.wait_s)
    return tried.user


async def _was_right(call: Call, counts: Counts, user: User, pin: str) -> Person:
    command = PinWasRight(counts=counts, user_id=user.user_id, pin_digits=len(pin))
    return (await call.services.committer.submit(command)).reply
