"""`import` of CSV files over a real database, and beside a running server's committer."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from festival_push.app import open_store
from festival_push.domain.imports.people import SOURCE
from festival_push.domain.people.people import AddUser
from festival_push.domain.values import Role, UserId, VendorId
from festival_push.settings import load_settings
from festival_push.store.opening import open_database
from festival_push.store.reads.reads import Reads
from tests.cli.test_cli import run

PEOPLE = "id,name,signIn\nanna,Anna Muster,anna-m\nben,Ben,\n"
STALLS = "id;name;owner;open;taxId\nsun;Sun & Söhne;ben;yes;DE 1\n"
MENU = "id;stall;name;price;taxBp;deposit;stock\nbeer;sun;Bier;4,50;1900;2,00;100\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An empty festival."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/festival.db")
    run(capsys, "migrate")
    return tmp_path


@pytest.fixture
def imported(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Write a file and import it; give what was printed."""

    def act(what: str, text: str | bytes, *options: str, code: int = 0) -> str:
        file = home / f"{what}.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return run(capsys, "import", what, str(file), *options, code=code)

    return act


def read(home: Path, ask: Callable[[Reads], Coroutine[Any, Any, Any]]) -> Any:
    """What the database says."""

    async def asked() -> Any:
        database = await open_database(f"sqlite:///{home}/festival.db", read_only=True)
        try:
            return await ask(Reads(database))
        finally:
            await database.close()

    return asyncio.run(asked())


def balance(home: Path, account: str) -> int:
    async def ask(reads: Reads) -> int:
        [rows] = await reads._database.read(("SELECT balance FROM accounts WHERE account_id = $1", (account,)))
        return int(rows[0][0]) if rows else 0

    return int(read(home, ask))


def test_a_festival_is_imported_and_a_second_time_nothing_changes(
    home: Path, imported: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"people": PEOPLE, "balances": "person,amount\nanna,12.50\nben,0\n", "stalls": STALLS, "menus": MENU}
    firsts = [imported(what, text, "--apply").splitlines()[-1] for what, text in files.items()]
    assert firsts == [
        "2 made, 0 changed, 0 left", "1 made, 0 changed, 1 left", "1 made, 0 changed, 0 left",
        "1 made, 0 changed, 0 left",
    ]  # fmt: skip
    assert (balance(home, "user:anna"), balance(home, "user:ben"), balance(home, SOURCE)) == (1250, 0, -1250)
    [stall] = read(home, Reads.vendors)
    assert (stall.name, stall.tax_id, stall.open, stall.attended) == ("Sun & Söhne", "DE 1", True, True)
    [item] = read(home, lambda reads: reads.menu(VendorId("sun")))
    assert (item.name, item.price, item.tax_bp, item.deposit, item.stock) == ("Bier", 450, 1900, 200, 100)
    seconds = [imported(what, text, "--apply").splitlines()[-1] for what, text in files.items()]
    assert [line.split(", ")[:2] for line in seconds] == [["0 made", "0 changed"]] * 4
    assert balance(home, "user:anna") == 1250
    run(capsys, "audit")  # finds nothing, else its exit code were 1
    deeds = read(home, lambda reads: reads._database.read(("SELECT act, subject FROM deeds ORDER BY seq", ())))
    assert deeds[0] == [("import", f"import:{what}") for what in files]


def test_without_apply_nothing_happens_and_what_would_is_said(home: Path, imported: Callable[..., str]) -> None:
    said = imported("people", PEOPLE)
    assert "line 2\tmade\tanna\tAnna Muster" in said
    assert "with --apply" in said
    assert read(home, lambda reads: reads.users(before=None, limit=9)) == []


def test_changes_are_told_and_made(home: Path, imported: Callable[..., str]) -> None:
    imported("people", PEOPLE, "--apply")
    said = imported("people", PEOPLE.replace("Ben", "Benjamin").replace("anna-m", "anna-x"), "--apply")
    assert [line.split("\t")[1] for line in said.splitlines()[:2]] == ["changed", "changed"]
    people = read(home, lambda reads: reads.users(before=None, limit=9))
    assert {(person.name, person.user.name_words) for person in people} == {
        ("Anna Muster", "anna muster"),
        ("Benjamin", "benjamin"),
    }
    assert {person.user.sign_in_key for person in people if person.user_id == "anna"} == {"annax"}


def test_one_faulty_row_keeps_the_whole_file_out_and_all_faults_are_named(
    home: Path, imported: Callable[..., str]
) -> None:
    said = imported("people", "id,name,signIn\nok,Olga,\na/b,,\nok,Otto,x y\n", "--apply", code=1)
    assert "line 3, id: the API names it" in said
    assert "line 3, name: must not be empty" in said
    assert "line 4, id: is the same as in line 2" in said
    assert "line 4, signIn:" in said
    assert "nothing was imported" in said
    assert read(home, lambda reads: reads.users(before=None, limit=9)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("person,amount\nanna,12.505\n", "line 2, amount: An amount is in EUR"),
        ("person,amount\nanna,-1\n", "line 2, amount: Write the amount"),
        ("person,amount\nnobody,1\n", "line 2, person: nobody has this id"),
        ("person,amount\nanna,99999\n", "line 2, amount: would make more than a wallet may hold"),
        ("person,amount\nanna,1\nanna,2\n", "line 3, key: is the same as in line 2"),
        ("key,person,amount\na,anna,3000\nb,anna,3000\n", "line 3, amount: would make more than"),
        ("person,sum\nanna,1\n", "line 1, sum: is no column here"),
        ("person\nanna\n", "line 1, amount: is missing"),
        ("person,amount\nanna,1,2\n", "line 2, column 3: is not in the header"),
    ],
)
def test_faults_of_balances(home: Path, imported: Callable[..., str], text: str, fault: str) -> None:
    imported("people", PEOPLE, "--apply")
    assert fault in imported("balances", text, "--apply", code=1)
    assert balance(home, "user:anna") == 0


def test_a_row_that_was_imported_is_never_another_amount(home: Path, imported: Callable[..., str]) -> None:
    imported("people", PEOPLE, "--apply")
    imported("balances", "key,person,amount\nk1,anna,5\n", "--apply")
    assert "was imported before, as 500" in imported("balances", "key,person,amount\nk1,anna,6\n", "--apply", code=1)
    assert "to user:anna" in imported("balances", "key,person,amount\nk1,ben,5\n", "--apply", code=1)
    assert balance(home, "user:anna") == 500


@pytest.mark.parametrize(
    ("what", "text", "fault"),
    [
        ("stalls", "id,name,owner\nsun,Sun,nobody\n", "line 2, owner: must be somebody's id"),
        ("stalls", "id,name,owner\na,Sun,ben\nb,SUN!,ben\n", "line 3, name: is the same as in line 2"),
        ("stalls", "id,name,owner\nanna-m,Sun,ben\n", "line 2, id: can't be had"),
        ("stalls", "id,name,owner,open\nsun,Sun,ben,maybe\n", "line 2, open: must be true or false"),
        ("menus", "stall,name,price\nmoon,Tea,1\n", "line 2, stall: there is no stall"),
        ("menus", "stall,name,price,ageMin\nmoon,Tea,1,200\n", "line 2, ageMin: must be a whole number from 0 to 99"),
        ("menus", "stall,name,price\nmoon,Tea,0\n", "line 2, price: must be from 1"),
    ],
)
def test_faults_of_stalls_and_menus(imported: Callable[..., str], what: str, text: str, fault: str) -> None:
    imported("people", PEOPLE, "--apply")
    assert fault in imported(what, text, "--apply", code=1)


def test_a_byte_order_mark_and_lines_of_windows_are_no_matter(home: Path, imported: Callable[..., str]) -> None:
    imported("people", b"\xef\xbb\xbfid;name\r\nzoe;Zo\xc3\xab\r\n\r\n", "--apply")
    [person] = read(home, lambda reads: reads.users(before=None, limit=9))
    assert person.name == "Zoë"


def test_another_column_may_have_the_ids_and_without_one_they_follow_from_the_names(
    home: Path, imported: Callable[..., str]
) -> None:
    imported("people", "guest,name\ng1,Gina\n", "--id", "guest", "--apply")
    for _ in range(2):
        imported("people", "name\nHugo\n", "--apply")
    assert {person.name for person in read(home, lambda reads: reads.users(before=None, limit=9))} == {"Gina", "Hugo"}
    assert "line 3, id: is the same as in line 2" in imported("people", "name\nIda\nIda\n", code=1)


def test_what_is_no_text_or_not_there_is_said_and_no_database_is_made(
    home: Path, imported: Callable[..., str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "line 2: it is not UTF-8" in imported("people", b"name\nJos\xe9\n", code=2)
    assert "there is no file" in run(capsys, "import", "people", "none.csv", code=2)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{home}/other.db")
    assert "no database" in imported("people", PEOPLE, "--apply", code=2)
    assert not (home / "other.db").exists()


def test_it_goes_through_the_committer_beside_a_server(home: Path, imported: Callable[..., str]) -> None:
    async def beside() -> None:
        async with open_store(load_settings(None)) as store:
            await asyncio.to_thread(imported, "people", PEOPLE, "--apply")
            olga = AddUser(user_id=UserId("olga"), role=Role.CUSTOMER, name="Olga", pin_hash=None, top_up_code="O")
            await store.committer.submit(olga)
            await asyncio.to_thread(imported, "balances", "person,amount\nolga,3\n", "--apply")

    asyncio.run(beside())
    assert balance(home, "user:olga") == 300


def test_a_person_is_handed_out_and_erased_at_the_command_line(
    home: Path, imported: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    imported("people", PEOPLE, "--apply")
    assert json.loads(run(capsys, "user", "export", "anna"))["person"]["name"] == "Anna Muster"
    assert "no user 'nobody'" in run(capsys, "user", "export", "nobody", code=2)
    assert "with --yes" in run(capsys, "user", "erase", "anna", code=2)
    assert run(capsys, "user", "erase", "anna", "--yes") == "erased: anna\n"
    assert "no user 'anna'" in run(capsys, "user", "erase", "anna", "--yes", code=2)
    assert json.loads(run(capsys, "user", "export", "anna"))["person"]["name"] == "Erased guest"
    assert "line 2, id: is of somebody who was erased" in imported("people", PEOPLE, "--apply", code=1)
    assert "line 2, person: is of somebody who was erased" in imported("balances", "person,amount\nanna,1\n", code=1)
    run(capsys, "audit")
