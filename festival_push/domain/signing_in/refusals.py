"""Refusals of signing in: of names, PINs, second factors and sessions. As all of `refusals`."""

from dataclasses import dataclass

from festival_push.domain.refusals import Refused


@dataclass(eq=False, kw_only=True)
class WrongPin(Refused):
    code = "wrong-pin"
    title = "This is not your PIN."
    kept = False


@dataclass(eq=False, kw_only=True)
class PinTooShort(Refused):
    code = "pin-too-short"
    title = "Whoever keeps a stall or runs the festival needs a longer PIN."
    kept = False
    pin_digits_min: int


@dataclass(eq=False, kw_only=True)
class SignInTaken(Refused):
    code = "sign-in-taken"
    title = "This sign-in name can't be had; take another."
    kept = False


@dataclass(eq=False, kw_only=True)
class TooManyTries(Refused):
    code = "too-many-tries"
    title = "Too many wrong PINs; wait a while."
    kept = False
    retry_after: int  # seconds


@dataclass(eq=False, kw_only=True)
class NewSignInSpent(Refused):
    code = "new-sign-in-spent"
    title = "This link was used already, or there is a newer one: ask at the cash desk."
    kept = False


@dataclass(eq=False, kw_only=True)
class SessionNotRenewable(Refused):
    code = "session-not-renewable"
    title = "This session can't be made longer: sign in again before it ends."
    kept = False


@dataclass(eq=False, kw_only=True)
class WrongFactor(Refused):
    code = "wrong-factor"
    title = "This code or passkey is not right, or was used already."
    kept = False


@dataclass(eq=False, kw_only=True)
class LastFactor(Refused):
    code = "last-factor"
    title = "An organiser needs a second factor here: add another one first."
    kept = False


@dataclass(eq=False, kw_only=True)
class TooManyFactors(Refused):
    code = "too-many-factors"
    title = "You have as many second factors as you may have; remove one first."
    kept = False
    factors_max: int
