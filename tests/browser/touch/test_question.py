"""Each of the four pages that ask asks one question at a time, and no tap or key too often answers it."""

from dataclasses import replace
from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.pages import LAPTOP, Pages
from tests.browser.relations.parts import cashier
from tests.support.ground import Person

ASKING: Final = {
    "customer": "ui/touch/question.js", "vendor": "ui/touch/question.js", "admin": "pages/admin/ask.js",
    "desk": "pages/admin/ask.js",
}  # fmt: skip
"""The module by which each page asks."""

# `put` asks as the page's own scripts do, and tells what became of it by the next turn: null, if the question stands.
# `answers` has the answer of each question, and whether the page rested then.
_PREPARE: Final = """async (module) => {
  const { ask } = await import(`/static/${module}`);
  window.answers = {};
  window.put = (title) => {
    const money = { currency: "EUR", currencyDigits: 2 };
    const answer = ask({ title, words: "It can't be undone.", action: "Do it" }, money).then((said) =>
      (window.answers[title] = [Boolean(said), document.getElementById("app").hasAttribute("data-resting")])[0]);
    return Promise.race([answer, new Promise((turn) => setTimeout(turn, 0, null))]);
  };
}"""
# What is under the finger in the moment when the question has come.
_PUT_UNDER_A_FINGER: Final = """() => {
  void put("First?");
  const { x, y, width, height } = document.getElementById("ask-do").getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2)?.closest("button")?.id ?? "nothing";
}"""


async def somebody(pages: Pages, role: str) -> Person:
    """A person of this role."""
    ground = pages.ground
    if role == "vendor":
        return await ground.stall()
    if role == "desk":
        caro = await ground.customer("Caro")
        await cashier(pages, caro)
        return replace(caro, role="desk")
    return await (ground.admin() if role == "admin" else ground.customer())


async def asking(pages: Pages, role: str, person: Person | None = None) -> Page:
    """A page of this role, live, where the tests can ask."""
    page = await pages.open(person or await somebody(pages, role), LAPTOP)
    await page.evaluate(_PREPARE, ASKING[role])
    return page


@pytest.mark.parametrize("role", ASKING)
async def test_a_second_question_is_refused_and_leaves_the_first_one_as_it_was(pages: Pages, role: str) -> None:
    page = await asking(pages, role)
    assert await page.evaluate("put('First?')") is None
    assert await page.evaluate("put('Second?')") is False
    await expect(page.locator("#ask-title")).to_have_text("First?")
    await page.locator("#ask-do").click()
    await pages.true(page, "answers['First?'] !== undefined")
    assert await page.evaluate("answers['First?']") == [True, True]
    assert await page.evaluate("put('Third?')") is None


@pytest.mark.parametrize("role", ASKING)
async def test_a_question_that_comes_with_the_answer_to_another_changes_nothing(pages: Pages, role: str) -> None:
    page = await asking(pages, role)
    assert await page.evaluate("put('First?')") is None
    assert await page.evaluate("(document.getElementById('ask-do').click(), put('Second?'))") is False
    await pages.true(page, "answers['First?'] !== undefined")
    assert await page.evaluate("answers['First?'][0]") is True
    await expect(page.locator("#ask")).to_be_hidden()


@pytest.mark.parametrize("role", ASKING)
async def test_nothing_of_a_question_stays_over_the_sign_in_and_its_answer_is_no(pages: Pages, role: str) -> None:
    person = await somebody(pages, role)
    page = await asking(pages, role, person)
    assert await page.evaluate("put('First?')") is None
    assert (await pages.ground.post("/v1/auth/logout", {}, who=person)).is_success
    await expect(page.locator("#gate")).to_contain_text("This session was signed out")
    await expect(page.locator("#ask")).to_be_hidden()
    await pages.true(page, "answers['First?'] !== undefined")
    assert await page.evaluate("answers['First?'][0]") is False


@pytest.mark.parametrize("role", ASKING)
async def test_neither_a_second_tap_nor_enter_says_yes(pages: Pages, role: str) -> None:
    page = await asking(pages, role)
    assert await page.evaluate(_PUT_UNDER_A_FINGER) != "ask-do"
    await expect(page.locator("#ask-back")).to_be_focused()
    await page.keyboard.press("Enter")
    await pages.true(page, "answers['First?'] !== undefined")
    assert await page.evaluate("answers['First?']") == [False, True]
