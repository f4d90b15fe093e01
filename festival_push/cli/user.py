"""`festival-push user`: add a person, change what they are, or list everybody."""

import argparse
from typing import Any

import msgspec

from festival_push.app import open_store
from festival_push.cli.databases import CommandError, all_users, open_existing, require_existing
from festival_push.cli.loading import run_with_settings
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.relations import Person
from festival_push.domain.people.rights import ChangeRole
from festival_push.domain.values import COMMAND_LINE, Role, UserId, VendorId
from festival_push.settings import Settings
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.pins import Pin, standard_hasher
from festival_push.web.parsing.fields import Id
from festival_push.web.parsing.ids import new_top_up_code, new_user_id
from festival_push.web.parsing.text import clean_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the action, and who is added or changed."""
    parser.add_argument("action", choices=("add", "role", "list"))
    parser.add_argument("role", nargs="?", choices=tuple(Role))
    parser.add_argument("name", nargs="?")
    parser.add_argument("--id")
    parser.add_argument("--pin")
    parser.add_argument("--stall", help="the stall that a vendor keeps; default: one of their own")


def run(parsed: argparse.Namespace) -> int:
    """Add a person and print their id, or change what they are, or print one line for each person."""
    if parsed.action == "list":
        return run_with_settings(_list, parsed)
    act = _add if parsed.action == "add" else _change_role
    return run_with_settings(lambda settings: act(settings, parsed), parsed)


async def _add(settings: Settings, parsed: argparse.Namespace) -> int:
    if not parsed.role or not parsed.name:
        raise CommandError("user add ROLE NAME")
    if parsed.id is not None and ("/" in parsed.id or parsed.id in {".", ".."}):
        raise CommandError("--id: the API names people in its paths, which could not hold this one")
    command = AddUser(
        user_id=UserId(_checked(parsed.id, Id, "--id") if parsed.id is not None else new_user_id()),
        role=Role(parsed.role),
        name=clean_name(parsed.name),
        pin_hash=None if parsed.pin is None else standard_hasher().hash(_checked(parsed.pin, Pin, "--pin")),
        top_up_code=new_top_up_code(),
        actor=COMMAND_LINE,
    )
    await require_existing(settings)
    async with open_store(settings, begins=False) as store:
        added = await store.committer.submit(command)
    print(added.reply.user_id)
    return 0


async def _change_role(settings: Settings, parsed: argparse.Namespace) -> int:
    """Change what a person is, named by their id. Raises CommandError."""
    if not parsed.role or not parsed.name:
        raise CommandError("user role ROLE USERID")
    if parsed.stall is not None and parsed.role != Role.VENDOR:
        raise CommandError("--stall: only a vendor keeps one")
    command = ChangeRole(
        actor_id=None,
        user_id=UserId(parsed.name),
        role=Role(parsed.role),
        vendor_id=None if parsed.stall is None else VendorId(parsed.stall),
    )
    await require_existing(settings)
    async with open_store(settings, begins=False) as store:
        changed = await store.committer.submit(command)
    print(_line(changed.reply))
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
