"""Notices: one table of codes, which every call, the docs and the pages have."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest

from festival_push.domain.money.amounts import amount_text
from festival_push.domain.values import NotificationType
from festival_push.domain.words.notices import TEXTS, params_of, worded

ROOT: Final = Path(__file__).parents[3]
# By name: at which place of the arguments the code stands, of whatever tells a notice.
CODE_AT: Final = {"notify": 1, "notice": 1, "tell_factors": 2, "_set_pin": 2}
OTHERS: Final = frozenset({"order_id", "said", "session"})


def money(amount: int) -> str:
    return amount_text(amount, "EUR")


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in domain/ that tells a notice, with the place where it stands."""
    for path in sorted((ROOT / "festival_push/domain").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and path.name != "draft.py":  # which passes on what it is given
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in CODE_AT:
                    yield f"{path.name}:{node.lineno}", node


def codes_of(node: ast.expr) -> list[str] | None:
    """The codes that an argument may be; None for one that is passed on."""
    if isinstance(node, ast.IfExp):
        return [*(codes_of(node.body) or ["?"]), *(codes_of(node.orelse) or ["?"])]
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    return None if isinstance(node, ast.Name) and node.id == "code" else [ast.unparse(node)]


def test_nothing_in_the_domain_tells_free_text() -> None:
    found = list(calls())
    assert len(found) > 20
    for place, call in found:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id  # type: ignore[attr-defined]
        codes = codes_of(call.args[CODE_AT[name]])
        assert len(call.args) == CODE_AT[name] + 1, place
        for code in codes or ():
            assert code in TEXTS, (place, code)


def test_every_call_gives_the_parameters_of_its_code() -> None:
    for place, call in calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id  # type: ignore[attr-defined]
        given = {keyword.arg for keyword in call.keywords if keyword.arg is not None} - OTHERS
        params = [params_of(TEXTS[code]) for code in codes_of(call.args[CODE_AT[name]]) or ()]
        assert all(keyword.arg for keyword in call.keywords), place  # no `**more`
        assert not params or given <= set().union(*params), place  # None is left out
        for each in params:
            assert {param for param, needed in each.items() if needed} <= given, place


def test_amounts_are_worded_in_the_festivals_currency() -> None:
    assert worded(TEXTS["money-arrived"].words, {"amount": 1250}, money) == "12.50 EUR has arrived in your wallet."


def test_what_stands_in_brackets_is_left_out_with_its_parameter() -> None:
    words = TEXTS["second-refused"].words
    assert worded(words, {"amount": 100, "act": "top-up"}, money) == "1.00 EUR (top-up): refused."
    given = worded(words, {"amount": 100, "act": "top-up", "reason": "too much"}, money)
    assert given == "1.00 EUR (top-up): refused (too much)."


def test_a_parameter_with_braces_and_brackets_stays_as_it_is() -> None:
    words = worded(
        "{name} keeps {stall}[ ({reason})].", {"name": "{stall}", "stall": "[A]", "reason": "[x] {name}"}, money
    )
    assert words == "{stall} keeps [A] ([x] {name})."


def test_a_missing_parameter_is_an_error() -> None:
    with pytest.raises(KeyError):
        worded(TEXTS["money-arrived"].words, {}, money)


def test_every_notice_is_of_a_kind_and_says_something_with_all_its_parameters() -> None:
    for code, text in TEXTS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert text.kind in get_args(NotificationType)
        words = worded(f"{text.words} {text.title or ''}", {**dict.fromkeys(params_of(text), 7), "said": "Hi"}, money)
        assert not set("{}[]") & set(words), code


def test_the_docs_and_the_pages_have_every_code() -> None:
    api = (ROOT / "docs/api.md").read_text("utf-8").partition("### Notices")[2].partition("\n## ")[0]
    rows = {match[1]: match[0] for match in re.finditer(r"^\| `([a-z-]+)` \|.*$", api, re.MULTILINE)}
    assert rows.keys() == TEXTS.keys()
    for code, text in TEXTS.items():
        for param in params_of(text):
            assert f"`{param}`" in rows[code], (code, param)
        assert f"| `{text.kind}` |" in rows[code], code
    pages = (ROOT / "static/ui/format/notices.js").read_text("utf-8").partition("const WORDS")[2]
    assert set(re.findall(r'^  "([a-z-]+)": ', pages, re.MULTILINE)) == TEXTS.keys()
