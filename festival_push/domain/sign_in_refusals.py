"""Refusals of second factors. As all of `refusals`."""

from dataclasses import dataclass

from festival_push.domain.refusals import Refused


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
