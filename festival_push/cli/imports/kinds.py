"""The four kinds of file: their columns, and the command that their rows become."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from festival_push.cli.imports.sheets import FaultyCell, Line, flag, id_of, line_of, made_id, whole
from festival_push.domain.imports.people import BalanceRow, ImportBalances, ImportPeople, PersonRow
from festival_push.domain.imports.stalls import ImportMenus, ImportStalls, ItemRow, StallRow
from festival_push.domain.stalls.menus import AGE_MAX, STOCK_MAX, TAX_BP_MAX
from festival_push.domain.values import ItemId, Rules, TransferId, UserId, VendorId
from festival_push.web.api.stalls.menus import DESCRIPTION_CHARS_MAX
from festival_push.web.api.stalls.stalls import ADDRESS_CHARS_MAX, TAX_ID_CHARS_MAX
from festival_push.web.parsing.fields import NewSignIn
from festival_push.web.parsing.ids import new_sign_in, new_top_up_code
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_name

Import = ImportPeople | ImportBalances | ImportStalls | ImportMenus


class Kind(NamedTuple):
    """One kind of file."""

    key: str  # the column of a row's own id; `--id` names another
    required: tuple[str, ...]
    columns: tuple[str, ...]
    row: Callable[[Line, str, Rules], Any]  # of a line, given the column of its own id
    command: Callable[[Sequence[Any], bool], Import]  # of those rows, and whether it is applied


def _person(line: Line, key: str, _: Rules) -> PersonRow:
    name = line.required("name", clean_name, "?")
    sign_in = line.read("signIn", lambda text: str(msgspec.convert(text, NewSignIn)))
    return PersonRow(
        line=line.number,
        user_id=UserId(line.read(key, id_of) or made_id("person", sign_in or name)),
        name=name,
        sign_in=sign_in,
        new_sign_in=new_sign_in(),
        top_up_code=new_top_up_code(),
    )


def _balance(line: Line, key: str, rules: Rules) -> BalanceRow:
    person = line.required("person", id_of, "?")
    row_key = line.read(key, id_of) or person
    return BalanceRow(
        line=line.number,
        user_id=UserId(person),
        amount=line.required("amount", lambda text: line.amount(text, rules.currency), 0),
        transfer_id=TransferId(made_id("import", row_key)),
    )


def _stall(line: Line, key: str, _: Rules) -> StallRow:
    name, owner = line.required("name", clean_name, "?"), line.read("owner", id_of)
    return StallRow(
        line=line.number,
        vendor_id=VendorId(line.read(key, id_of) or made_id("stall", name)),
        name=name,
        owner_id=None if owner is None else UserId(owner),
        open=line.read("open", flag),
        auto_accept=line.read("autoAccept", flag),
        at_once=line.read("atOnce", flag),
        legal_name=line.read("legalName", line_of(NAME_CHARS_MAX)),
        tax_id=line.read("taxId", line_of(TAX_ID_CHARS_MAX)),
        address=line.read("address", line_of(ADDRESS_CHARS_MAX)),
    )


def _item(line: Line, key: str, rules: Rules) -> ItemRow:
    def amount(least: int) -> Callable[[str], int]:
        def parse(text: str) -> int:
            if not least <= (found := line.amount(text, rules.currency)) <= rules.amount_max:
                raise FaultyCell(f"must be from {least} to {rules.amount_max} minor units")
            return found

        return parse

    name, stall = line.required("name", clean_name, "?"), line.required("stall", id_of, "?")
    return ItemRow(
        line=line.number,
        item_id=ItemId(line.read(key, id_of) or made_id("item", stall, name)),
        vendor_id=VendorId(stall),
        name=name,
        price=line.required("price", amount(1), 1),
        description=line.read("description", line_of(DESCRIPTION_CHARS_MAX)),
        available=line.read("available", flag),
        tax_bp=line.read("taxBp", whole(0, TAX_BP_MAX)),
        age_min=line.read("ageMin", whole(0, AGE_MAX)),
        stock=line.read("stock", whole(0, STOCK_MAX)),
        deposit=line.read("deposit", amount(0)),
    )


KINDS: Final = {
    "people": Kind(
        "id", ("name",), ("id", "name", "signIn"), _person,
        lambda rows, apply: ImportPeople(people=tuple(rows), apply=apply),
    ),
    "balances": Kind(
        "key", ("person", "amount"), ("key", "person", "amount"), _balance,
        lambda rows, apply: ImportBalances(balances=tuple(rows), apply=apply),
    ),
    "stalls": Kind(
        "id", ("name",),
        ("id", "name", "owner", "open", "autoAccept", "atOnce", "legalName", "taxId", "address"), _stall,
        lambda rows, apply: ImportStalls(stalls=tuple(rows), apply=apply),
    ),
    "menus": Kind(
        "id", ("stall", "name", "price"),
        ("id", "stall", "name", "description", "price", "available", "taxBp", "ageMin", "stock", "deposit"), _item,
        lambda rows, apply: ImportMenus(items=tuple(rows), apply=apply),
    ),
}  # fmt: skip
