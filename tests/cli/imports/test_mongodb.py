"""`import mongodb`: from an export in extended JSON to the four files, which are then imported."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from festival_push.domain.values import VendorId
from festival_push.store.reads.reads import Reads
from tests.cli.imports.test_imports import balance, read
from tests.cli.test_cli import run

USERS: list[dict[str, Any]] = [
    {
        "_id": {"$oid": "64a1"},
        "name": "Änna  Muster",
        "email": "anna@x.example",
        "userType": "customer",
        "balance": 12.5,
    },
    {"_id": {"$oid": "64a2"}, "email": "ben@x.example", "balance": {"$numberDecimal": "0.10"}},
    {"_id": {"$oid": "64a3"}, "name": "Sun", "userType": "vendor", "balance": {"$numberInt": "0"}},
]
VENDORS = [{"_id": {"$oid": "65b1"}, "name": "Moon, the bar", "userId": {"$oid": "64a2"}, "isOpen": True}]
ITEMS = [
    {"_id": {"$oid": "66c1"}, "vendorId": {"$oid": "65b1"}, "name": "Beer", "price": {"$numberDouble": "4.5"},
     "createdAt": {"$date": "2026-06-01T10:00:00Z"}, "available": True},
    {"_id": {"$oid": "66c2"}, "vendorId": {"$oid": "64a3"}, "name": "Tea", "price": {"$numberLong": "2"}},
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An empty festival, and a folder with an export."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/festival.db")
    run(capsys, "migrate")
    return tmp_path


@pytest.fixture
def exported(home: Path) -> Callable[..., None]:
    """Write one collection: a document a line, or one array."""

    def write(name: str, documents: list[Any], *, array: bool = False) -> None:
        lines = json.dumps(documents) if array else "\n".join(map(json.dumps, documents))
        (home / f"{name}.json").write_text(lines + "\n", encoding="utf-8")

    return write


@pytest.mark.parametrize("array", [False, True])
def test_an_export_becomes_four_files_that_can_be_imported(
    home: Path, exported: Callable[..., None], capsys: pytest.CaptureFixture[str], *, array: bool
) -> None:
    for name, documents in (("users", USERS), ("vendors", VENDORS), ("menuitems", ITEMS)):
        exported(name, documents, array=array)
    assert [line.split("\t")[1] for line in run(capsys, "import", "mongodb", str(home)).splitlines()] == [
        "3", "2", "2", "2",
    ]  # fmt: skip
    with (home / "stalls.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["id"], row["name"], row["owner"]) for row in csv.DictReader(file)] == [
            ("65b1", "Moon, the bar", "64a2"),
            ("64a3", "Sun", "64a3"),
        ]
    for what in ("people", "balances", "stalls", "menus"):
        run(capsys, "import", what, str(home / f"{what}.csv"), "--apply")
    people = read(home, lambda reads: reads.users(before=None, limit=9))
    assert {(person.user_id, person.name) for person in people} == {
        ("64a1", "Änna Muster"), ("64a2", "ben"), ("64a3", "Sun"),
    }  # fmt: skip
    assert [balance(home, f"user:64a{number}") for number in (1, 2, 3)] == [1250, 10, 0]
    assert {vendor.name for vendor in read(home, Reads.vendors)} == {"Moon, the bar", "Sun"}
    [beer] = read(home, lambda reads: reads.menu(VendorId("65b1")))
    [tea] = read(home, lambda reads: reads.menu(VendorId("64a3")))
    assert (beer.price, tea.price) == (450, 200)
    run(capsys, "audit")


@pytest.mark.parametrize(
    ("collection", "document", "fault"),
    [
        (
            "users",
            {"_id": "a", "name": "A", "balance": 0.30000000000000004},
            "balance: 0.30000000000000004 is no exact",
        ),
        ("users", {"_id": "a", "name": "A", "balance": 1.005}, "users.json, line 1, balance: 1.005 is no exact amount"),
        ("users", {"_id": "a", "name": "A", "balance": -3}, "balance: -3 is below zero"),
        ("users", {"_id": "a", "name": "A", "balance": "5"}, "balance: '5' is no number"),
        ("users", {"_id": "a", "name": "A", "balance": {"$numberDecimal": "NaN"}}, "is no exact amount"),
        ("users", {"name": "A"}, "_id: has no id"),
        ("users", {"_id": "a"}, "name: is missing"),
        ("users", 5, "users.json, line 1: is no document"),
        ("balances", {"userId": "anna", "balance": 1}, "balances.json, line 1, balance: anna has one already"),
        ("menuitems", {"_id": "i", "vendorId": "s", "name": "Tea", "price": 0.333}, "price: 0.333 is no exact amount"),
    ],
)
def test_what_can_not_be_meant_is_named_and_nothing_is_written(
    home: Path, exported: Callable[..., None], capsys: pytest.CaptureFixture[str], collection: str, document: Any,
    fault: str,
) -> None:  # fmt: skip
    exported("users", [{"_id": "anna", "name": "Anna", "balance": 2}])
    exported(collection, [document])
    assert fault in run(capsys, "import", "mongodb", str(home), code=1)
    assert not list(home.glob("*.csv"))


def test_what_is_no_export_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no users.json" in run(capsys, "import", "mongodb", str(home), code=2)
    (home / "users.json").write_text('{"_id": "a", "name": "A"}\n{"_id": \n', encoding="utf-8")
    assert "users.json, line 2: no JSON" in run(capsys, "import", "mongodb", str(home), code=1)
