"""PINs at the command line: of somebody who is added, and of an organiser who has forgotten theirs."""

import argparse
import sys

from festival_push.app import now, open_store
from festival_push.cli.databases import CommandError, require_existing
from festival_push.domain.signing_in.pins import ResetPin
from festival_push.domain.signing_in.refusals import PinTooShort
from festival_push.domain.signing_in.weak_pins import weakness
from festival_push.domain.values import UserId
from festival_push.settings import Settings
from festival_push.settings.development import development_secrets
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.guessing.guard import Guessing
from festival_push.web.identity.pins import standard_hasher
from festival_push.web.parsing.ids import new_sign_in

_DIGITS_MIN, _DIGITS_MAX = 4, 12


def given_pin(parsed: argparse.Namespace, *names: str) -> str | None:
    """Return the PIN, from stdin if the option says so; None if there is none. Raises CommandError.

    Args:
        names: Of its person, which it must not be.
    """
    if parsed.pin is None:
        return None
    pin = sys.stdin.readline().strip() if parsed.pin == "-" else str(parsed.pin)
    if not (pin.isascii() and pin.isdecimal() and _DIGITS_MIN <= len(pin) <= _DIGITS_MAX):
        raise CommandError(f"--pin: must be {_DIGITS_MIN} to {_DIGITS_MAX} digits")
    if (why := weakness(pin, names)) is not None:
        raise CommandError(f"--pin: easily guessed: it {why}")
    return pin


async def reset_pin(settings: Settings, parsed: argparse.Namespace, user_id: str) -> int:
    """Set the PIN of a person, and say on stderr what they sign in with: a new name if they have none.

    All their sessions end. Raises CommandError.
    """
    await require_existing(settings)
    settings = development_secrets(settings)
    guessing = Guessing.of(settings.auth.jwt_secret.derived(b"guessing"), now=now)
    async with open_store(settings, begins=False) as store:
        person = await Reads(store.database).person(UserId(user_id))
        if person is None:
            raise CommandError(f"there is no user {user_id!r}")
        name = person.user.sign_in
        pin = given_pin(parsed, person.name, user_id, name or "")
        if pin is None:
            raise CommandError("give the new PIN by --pin, or --pin - and type it")
        command = ResetPin(
            actor_id=None,
            user_id=person.user_id,
            pin_hash=standard_hasher().hash(pin),
            pin_digits=len(pin),
            sign_in=None if name is not None else new_sign_in(),
            guesses=guessing.keys.of_person(person.user_id, name),
        )
        try:
            changed = await store.committer.submit(command)
        except PinTooShort as refused:
            raise CommandError(f"--pin: {refused.pin_digits_min} digits at least, for this role") from None
    print(f"sign-in name: {changed.reply.user.sign_in}", file=sys.stderr)
    return 0
