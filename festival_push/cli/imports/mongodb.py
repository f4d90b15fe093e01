"""`festival-push import mongodb FOLDER`: the four CSV files from what `mongoexport` wrote of the system before.

Its documents are read as far as they are known: users, vendors, menu items and balances, in extended JSON, a document a
line or one array. Numbers are read as decimals, so an amount in floats counts only if it is exact.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from festival_push.cli.databases import CommandError
from festival_push.cli.imports.kinds import KINDS
from festival_push.cli.imports.sheets import BYTES_MAX
from festival_push.domain.money.amounts import Currency, major_text

_FILES: Final = {
    "users": ("users.json", "user.json"),
    "vendors": ("vendors.json", "vendor.json"),
    "items": ("menuitems.json", "menu_items.json", "items.json"),
    "balances": ("balances.json", "wallets.json"),
}
"""What a collection's export may be called; users are needed, the others are read if they are there."""
Document = Mapping[str, Any]
Found = dict[str, list[dict[str, str]]]


def convert(folder: Path, currency: Currency) -> tuple[Found, list[str]]:
    """Return the rows of the four files, and what is wrong, each with its file and document. Raises CommandError."""
    faults: list[str] = []
    read = {what: list(_documents(folder, what, faults)) for what in _FILES}
    found: Found = {"people": [], "balances": [], "stalls": [], "menus": []}
    reader = _Reader(currency, faults)
    owned: dict[str, str] = {}  # stalls of users who are vendors themselves, by the user
    for place, user in read["users"]:
        _user(reader, found, owned, place, user)
    for place, document in read["balances"]:
        person = reader.id_of(place, document, "userId", "user", "_id")
        _balance(reader, found, place, person, document)
    for place, document in read["vendors"]:
        _vendor(reader, found, place, document)
    known = {row[field] for row in found["stalls"] for field in ("id", "owner")}
    found["stalls"] += [
        {"id": user_id, "name": name, "owner": user_id} for user_id, name in owned.items() if user_id not in known
    ]
    for place, document in read["items"]:
        _item(reader, found, place, document)
    return found, faults


def write(folder: Path, found: Found) -> None:
    """Write the files, each with all columns of its kind."""
    for what, rows in found.items():
        with (folder / f"{what}.csv").open("w", encoding="utf-8", newline="") as file:
            sheet = csv.DictWriter(file, KINDS[what].columns, restval="")
            sheet.writeheader()
            sheet.writerows(rows)


class _Reader:
    """Reads fields of documents, and notes what is wrong with them."""

    def __init__(self, currency: Currency, faults: list[str]) -> None:
        self._currency = currency
        self._faults = faults
        self._with_balance: set[str] = set()

    def is_first(self, person: str) -> bool:
        """Return whether nobody asked this of the person before."""
        known = person in self._with_balance
        self._with_balance.add(person)
        return not known

    def fault(self, place: str, field: str, why: str) -> None:
        self._faults.append(f"{place}, {field}: {why}")

    def id_of(self, place: str, document: Document, *names: str) -> str:
        """Return the first of these fields as an id: `{"$oid": …}`, or plain."""
        for name in names:
            value = plain(document.get(name))
            if isinstance(value, Mapping):  # a reference that was filled in
                value = plain(value.get("_id"))
            if isinstance(value, str | int) and str(value).strip():
                return str(value).strip()
        self.fault(place, names[0], "has no id")
        return ""

    def text(self, document: Document, *names: str) -> str:
        """Return the first of these fields that says something, as one line."""
        values = (document.get(name) for name in names)
        return next((" ".join(value.split()) for value in values if isinstance(value, str) and value.strip()), "")

    def flag(self, document: Document, *names: str) -> str:
        value = next((document[name] for name in names if isinstance(document.get(name), bool)), None)
        return "" if value is None else str(value).lower()

    def amount(self, place: str, document: Document, *names: str) -> str:
        """Return the first of these fields as an amount in major units; empty if it is at fault, or not there."""
        name = next((name for name in names if document.get(name) is not None), None)
        if name is None:
            return ""
        value = plain(document[name])
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.fault(place, name, f"{value!r} is no number")
            return ""
        minor = Decimal(value).scaleb(self._currency.digits)
        if not minor.is_finite() or minor != minor.to_integral_value():
            self.fault(place, name, f"{value} is no exact amount of {self._currency}")
            return ""
        if minor < 0:
            self.fault(place, name, f"{value} is below zero: settle it before")
            return ""
        return major_text(int(minor), self._currency)


def plain(value: Any) -> Any:
    """Return a value of extended JSON as Python has it; what is no such value comes back as it is."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return value
    [(kind, inner)] = value.items()
    if kind in ("$oid", "$uuid", "$date"):
        return inner if not isinstance(inner, Mapping) else plain(inner)
    if kind in ("$numberInt", "$numberLong", "$numberDecimal", "$numberDouble"):
        try:
            return Decimal(str(inner))
        except InvalidOperation:
            return inner
    return value


def _documents(folder: Path, what: str, faults: list[str]) -> Iterator[tuple[str, Document]]:
    """Yield the documents of a collection, each with its place. Raises CommandError if there must be some."""
    path = next((folder / name for name in _FILES[what] if (folder / name).is_file()), None)
    if path is None:
        if what == "users":
            raise CommandError(f"there is no {_FILES[what][0]} in {folder}")
        return
    if path.stat().st_size > BYTES_MAX:
        raise CommandError(f"{path} has more than {BYTES_MAX // 1024 // 1024} MiB: divide it")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path}: it is not UTF-8 text") from None
    pieces: Sequence[tuple[str, str]] = [(f"line {number}", line) for number, line in enumerate(text.split("\n"), 1)]
    if text.lstrip().startswith("["):
        pieces = [("document", text)]
    for place, piece in pieces:
        if not piece.strip():
            continue
        try:
            loaded = json.loads(piece, parse_float=Decimal)
        except (json.JSONDecodeError, RecursionError) as error:
            faults.append(f"{path.name}, {place}: no JSON: {error}")
            continue
        for number, document in enumerate(loaded if isinstance(loaded, list) else [loaded], 1):
            where = f"{path.name}, {place} {number}" if isinstance(loaded, list) else f"{path.name}, {place}"
            if isinstance(document, Mapping):
                yield where, document
            else:
                faults.append(f"{where}: is no document")


def _user(reader: _Reader, found: Found, owned: dict[str, str], place: str, user: Document) -> None:
    user_id = reader.id_of(place, user, "_id", "id", "userId")
    name = reader.text(user, "name", "fullName", "username") or reader.text(user, "email").partition("@")[0]
    if not name:
        reader.fault(place, "name", "is missing")
    found["people"].append({"id": user_id, "name": name})
    if reader.text(user, "userType", "role", "type") == "vendor":
        owned[user_id] = reader.text(user, "vendorName", "stallName", "businessName") or name
    _balance(reader, found, place, user_id, user)


def _balance(reader: _Reader, found: Found, place: str, person: str, document: Document) -> None:
    amount = reader.amount(place, document, "balance", "amount", "walletBalance")
    if not amount or not amount.strip("0."):
        return
    if not reader.is_first(person):
        reader.fault(place, "balance", f"{person} has one already: in users and in balances, or twice")
        return
    found["balances"].append({"key": person, "person": person, "amount": amount})


def _vendor(reader: _Reader, found: Found, place: str, vendor: Document) -> None:
    found["stalls"].append(
        {
            "id": reader.id_of(place, vendor, "_id", "id", "vendorId"),
            "name": reader.text(vendor, "name", "vendorName", "stallName", "businessName"),
            "owner": reader.id_of(place, vendor, "userId", "ownerId", "owner", "user"),
            "open": reader.flag(vendor, "isOpen", "open", "isActive", "active"),
        }
    )


def _item(reader: _Reader, found: Found, place: str, item: Document) -> None:
    found["menus"].append(
        {
            "id": reader.id_of(place, item, "_id", "id", "itemId"),
            "stall": reader.id_of(place, item, "vendorId", "vendor", "stallId"),
            "name": reader.text(item, "name", "itemName", "title"),
            "description": reader.text(item, "description"),
            "price": reader.amount(place, item, "price"),
            "available": reader.flag(item, "available", "isAvailable", "inStock"),
        }
    )
