"""`festival-push user`: add a person, change what they are, list everybody, say who is who at an identity provider."""

import argparse
from typing import Any, Final

import msgspec

from festival_push.app import open_store
from festival_push.cli.databases import CommandError, all_users, open_existing, require_existing
from festival_push.cli.identities import adopt, link, unlink
from festival_push.cli.loading import run_with_settings
from festival_push.domain.people.lost_factors import ResetFactors
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.relations import Person
from festival_push.domain.people.rights import ChangeRole
from festival_push.domain.values import Role, UserId, VendorId
from festival_push.settings import Settings
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.pins import Pin, standard_hasher
from festival_push.web.parsing.fields import Id
from festival_push.web.parsing.ids import new_top_up_code, new_user_id
from festival_push.web.parsing.text import clean_name

_USAGE: Final = (
    f"user add ROLE NAME ({', '.join(Role)}), user role ROLE USERID, user list, user reset-factors USERID, "
    "user link|unlink USERID ISSUER SUBJECT, or user adopt ISSUER"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the action, and what it is about: `add ROLE NAME`, `role ROLE USERID`, `list`, `reset-factors USERID`,
    `link` or `unlink USERID ISSUER SUBJECT`, `adopt ISSUER`."""
    parser.add_argument("action", choices=("add", "role", "list", "reset-factors", "link", "unlink", "adopt"))
    parser.add_argument("words", nargs="*", metavar="ROLE NAME | ROLE USERID | USERID [ISSUER SUBJECT] | ISSUER")
    parser.add_argument("--yes", action="store_true", help="adopt: do it")
    parser.add_argument("--id")
    parser.add_argument("--pin")
    parser.add_argument("--stall", help="the stall that a vendor keeps; default: one of their own")


def run(parsed: argparse.Namespace) -> int:
    """Add a person and print their id, print one line for each person, or change one. Raises CommandError."""
    words: list[str] = parsed.words
    match parsed.action, words:
        case "list", []:
            return run_with_settings(_list, parsed)
        case "add", [role, name] if role in tuple(Role):
            return run_with_settings(lambda settings: _add(settings, parsed, Role(role), name), parsed)
        case "role", [role, user_id] if role in tuple(Role):
            return run_with_settings(lambda settings: _change_role(settings, parsed, Role(role), user_id), parsed)
        case "reset-factors", [user_id]:
            return run_with_settings(lambda settings: _reset_factors(settings, user_id), parsed)
        case ("link" | "unlink") as action, [user_id, issuer, subject]:
            change = link if action == "link" else unlink
            return run_with_settings(lambda settings: change(settings, user_id, issuer, subject), parsed)
        case "adopt", [issuer]:
            return run_with_settings(lambda settings: adopt(settings, issuer, sure=parsed.yes), parsed)
    raise CommandError(_USAGE)


async def _add(settings: Settings, parsed: argparse.Namespace, role: Role, name: str) -> int:
    if parsed.id is not None and ("/" in parsed.id or parsed.id in {".", ".."}):
        raise CommandError("--id: the API names people in its paths, which could not hold this one")
    command = AddUser(
        user_id=UserId(_checked(parsed.id, Id, "--id") if parsed.id is not None else new_user_id()),
        role=role,
        name=clean_name(name),
        pin_hash=None if parsed.pin is None else standard_hasher().hash(_checked(parsed.pin, Pin, "--pin")),
        top_up_code=new_top_up_code(),
    )
    await require_existing(settings)
    async with open_store(settings) as store:
        added = await store.committer.submit(command)
    print(added.reply.user_id)
    return 0


async def _change_role(settings: Settings, parsed: argparse.Namespace, role: Role, user_id: str) -> int:
    """Change what a person is, named by their id. Raises CommandError."""
    if parsed.stall is not None and role is not Role.VENDOR:
        raise CommandError("--stall: only a vendor keeps one")
    command = ChangeRole(
        actor_id=None,
        user_id=UserId(user_id),
        role=role,
        vendor_id=None if parsed.stall is None else VendorId(parsed.stall),
    )
    await require_existing(settings)
    async with open_store(settings) as store:
        changed = await store.committer.submit(command)
    print(_line(changed.reply))
    return 0


async def _reset_factors(settings: Settings, user_id: str) -> int:
    """Remove all second factors of a person who has lost them, for where no other organiser can."""
    await require_existing(settings)
    async with open_store(settings) as store:
        await store.committer.submit(ResetFactors(actor_id=None, user_id=UserId(user_id)))
    return 0


def _line(person: Person) -> str:
    marks = {"suspended": person.user.suspended, "cashier": person.user.cashier}
    held = (mark for mark, holds in marks.items() if holds)
    return "\t".join((person.user_id, person.user_type, person.name, *held))


def _checked(text: str, kind: Any, option: str) -> str:
    """Return the text if the API would take it too. Raises CommandError, which names the option."""
    try:
        return str(msgspec.convert(text, kind))
    except msgspec.ValidationError as error:
        raise CommandError(f"{option}: {error}") from None


async def _list(settings: Settings) -> int:
    database = await open_existing(settings)
    try:
        async for person in all_users(Reads(database)):
            print(_line(person))
    finally:
        await database.close()
    return 0
