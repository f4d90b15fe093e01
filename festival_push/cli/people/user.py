"""`festival-push user`: people, what they are, and who they are at the identity provider."""

import argparse
import re
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

import msgspec

from festival_push.app import open_store
from festival_push.cli.databases import CommandError, all_users, open_existing, require_existing
from festival_push.cli.loading import run_with_settings
from festival_push.cli.people.user_data import erase, export
from festival_push.cli.people.user_pin import given_pin, reset_pin
from festival_push.domain.people.identities import LinkIdentity, UnlinkIdentity, identity_id
from festival_push.domain.people.people import AddUser
from festival_push.domain.people.relations import Person
from festival_push.domain.people.rights import ChangeRole
from festival_push.domain.refusals import AlreadyExists, NotFound
from festival_push.domain.signing_in.lost_factors import ResetFactors
from festival_push.domain.signing_in.refusals import PinTooShort, SignInTaken
from festival_push.domain.values import COMMAND_LINE, Role, UserId, VendorId
from festival_push.settings import Settings
from festival_push.store.reads.reads import Reads
from festival_push.web.identity.pins import standard_hasher
from festival_push.web.parsing.fields import Id, NewSignIn
from festival_push.web.parsing.ids import new_sign_in, new_top_up_code, new_user_id
from festival_push.web.parsing.text import clean_name

_USAGES: Final = {
    "add": f"user add ROLE NAME [--id ID] [--pin PIN] [--sign-in NAME] (roles: {', '.join(Role)})",
    "role": f"user role ROLE USERID [--stall VENDORID] (roles: {', '.join(Role)})",
    "list": "user list",
    "reset-pin": "user reset-pin USERID --pin -",
    "reset-factors": "user reset-factors USERID",
    "export": "user export USERID",
    "erase": "user erase USERID --yes",
    "link": "user link USERID ISSUER SUBJECT",
    "unlink": "user unlink USERID ISSUER SUBJECT",
    "adopt": "user adopt ISSUER [--yes]",
}

_MADE_UP: Final = re.compile(r"[a-z0-9]{12}")
"""An id of our own, which is no subject."""
_HASHED: Final = re.compile(r"sub-[0-9a-f]{40}")
"""The id of a person whose subject did not fit: which subject it was can't be told any more."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the action, and what it is about: `_USAGES` has them."""
    parser.add_argument("action", choices=tuple(_USAGES))
    parser.add_argument("words", nargs="*", metavar="ROLE NAME | ROLE USERID | USERID [ISSUER SUBJECT] | ISSUER")
    parser.add_argument("--yes", action="store_true", help="adopt, erase: do it")
    parser.add_argument("--id", help="add: the id, instead of one made at random")
    parser.add_argument("--pin", help="a PIN, which others on this machine can see; or -, to read it from stdin")
    parser.add_argument("--sign-in", help="what they sign in with; the id if one is given, else made at random")
    parser.add_argument("--stall", help="the stall that a vendor keeps; default: one of their own")


def run(parsed: argparse.Namespace) -> int:
    """Add a person and print their id, change or link one, or print one line for each person. Raises CommandError."""
    words: list[str] = parsed.words
    match parsed.action, words:
        case "list", []:
            return run_with_settings(_list, parsed)
        case ("add" | "role") as action, [role, who] if role in tuple(Role):
            act = _add if action == "add" else _change_role
            return run_with_settings(lambda settings: act(settings, parsed, Role(role), who), parsed)
        case ("reset-factors" | "export" | "erase") as action, [user_id]:
            alone: dict[str, Callable[[Settings, str], Coroutine[None, None, int]]] = {
                "reset-factors": _reset_factors,
                "export": export,
                "erase": partial(erase, sure=parsed.yes),
            }
            return run_with_settings(lambda settings: alone[action](settings, user_id), parsed)
        case "reset-pin", [user_id]:
            return run_with_settings(lambda settings: reset_pin(settings, parsed, user_id), parsed)
        case ("link" | "unlink") as action, [user_id, issuer, subject]:
            change = _link if action == "link" else _unlink
            return run_with_settings(lambda settings: change(settings, user_id, issuer, subject), parsed)
        case "adopt", [issuer]:
            return run_with_settings(lambda settings: _adopt(settings, issuer, sure=parsed.yes), parsed)
        case (("add" | "role"), [role, _]):
            raise CommandError(f"{role!r} is no role: {', '.join(Role)}")
    raise CommandError(f"use it so: {_USAGES[parsed.action]}")


async def _add(settings: Settings, parsed: argparse.Namespace, role: Role, name: str) -> int:
    if parsed.id is not None and ("/" in parsed.id or parsed.id in {".", ".."}):
        raise CommandError("--id: the API names people in its paths, which could not hold this one")
    pin = given_pin(parsed, name, parsed.id or "", parsed.sign_in or "")
    command = AddUser(
        user_id=UserId(_checked(parsed.id, Id, "--id") if parsed.id is not None else new_user_id()),
        role=role,
        name=clean_name(name),
        pin_hash=None if pin is None else standard_hasher().hash(pin),
        pin_digits=len(pin or ""),
        top_up_code=new_top_up_code(),
        sign_in=_sign_in(parsed, role),
        actor=COMMAND_LINE,
    )
    await require_existing(settings)
    async with open_store(settings, begins=False) as store:
        try:
            added = await store.committer.submit(command)
        except SignInTaken:
            raise CommandError("--sign-in: it can't be had, because somebody has it, or it is a stall's id") from None
        except PinTooShort as refused:
            raise CommandError(f"--pin: {refused.pin_digits_min} digits at least, for this role") from None
    print(added.reply.user_id)
    print(f"sign-in name: {added.reply.user.sign_in}", file=sys.stderr)
    return 0


def _sign_in(parsed: argparse.Namespace, role: Role) -> str:
    """Return the sign-in name: as given, else the id as given unless it is a stall's, else a random one."""
    if parsed.sign_in is not None:
        return _checked(parsed.sign_in, NewSignIn, "--sign-in")
    return new_sign_in() if parsed.id is None or role is Role.VENDOR else str(parsed.id)


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
    async with open_store(settings, begins=False) as store:
        try:
            changed = await store.committer.submit(command)
        except NotFound as missing:
            unknown = f"user {user_id!r}" if missing.what == "user" else f"stall {parsed.stall!r}"
            raise CommandError(f"there is no {unknown}") from None
    print(_line(changed.reply))
    return 0


async def _reset_factors(settings: Settings, user_id: str) -> int:
    """Remove all second factors of a person who has lost them, where no other organiser can. Raises CommandError."""
    await require_existing(settings)
    async with open_store(settings) as store:
        try:
            await store.committer.submit(ResetFactors(actor_id=None, user_id=UserId(user_id)))
        except NotFound:
            raise CommandError(f"there is no user {user_id!r}") from None
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


async def _adopt(settings: Settings, issuer: str, *, sure: bool) -> int:
    """Link everybody who may have come by this issuer with their id as the subject; unless `sure`, only print them.

    Before people were keyed by issuer and subject, a provider's person had their subject as their id. Nothing in such a
    row says so: a person whom the operator has added without a PIN looks the same. So this asks the operator: those are
    people without a PIN, whom no part makes more than a customer, who are not linked, and whose id is not of our form.
    """
    await require_existing(settings)
    async with open_store(settings) as store:
        reads = Reads(store.database)
        for person in [each async for each in all_users(reads) if _may_be_a_subject(each)]:
            if await reads.identities(person.user_id):
                continue
            print(person.user_id, person.name, sep="\t")
            if sure:
                await store.committer.submit(
                    LinkIdentity(user_id=person.user_id, issuer=issuer, subject=person.user_id)
                )
    if not sure:
        print("nothing was changed: with --yes, all of these are linked")
    return 0


def _may_be_a_subject(person: Person) -> bool:
    user = person.user
    is_customer = not (user.admin or user.cashier or person.stalls)
    ours = _MADE_UP.fullmatch(user.user_id) or _HASHED.fullmatch(user.user_id)
    return user.pin_hash is None and is_customer and not ours


async def _link(settings: Settings, user_id: str, issuer: str, subject: str) -> int:
    """Let this subject of this issuer be the person. Raises CommandError if it is somebody else, or there is none."""
    await require_existing(settings)
    async with open_store(settings) as store:
        try:
            await store.committer.submit(LinkIdentity(user_id=UserId(user_id), issuer=issuer, subject=subject))
        except NotFound:
            raise CommandError(f"there is no user {user_id!r}") from None
        except AlreadyExists:
            known = await Reads(store.database).identity(identity_id(issuer, subject))
            other = known.user_id if known is not None else None
            raise CommandError(f"that is {other} here: `festival-push user unlink` them first") from None
    if issuer != settings.auth.jwks_issuer:
        print(f"linked, but auth.jwks_issuer is {settings.auth.jwks_issuer!r}: no token of {issuer!r} is accepted now")
    return 0


async def _unlink(settings: Settings, user_id: str, issuer: str, subject: str) -> int:
    """Let them be two: the person's sessions by the provider end. Raises CommandError if they are not linked."""
    await require_existing(settings)
    async with open_store(settings) as store:
        try:
            await store.committer.submit(UnlinkIdentity(user_id=UserId(user_id), issuer=issuer, subject=subject))
        except NotFound:
            raise CommandError(f"{user_id!r} is not linked to this subject of this issuer") from None
    return 0
