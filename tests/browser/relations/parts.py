"""What these tests do to make somebody more than one thing."""

import asyncio
import dataclasses
import secrets
from typing import Final

from playwright.async_api import Page, ViewportSize

from tests.browser.pages import PHONE, Pages
from tests.support.ground import PIN, Ground, Person, Stall

TABLET: Final[ViewportSize] = {"width": 1024, "height": 768}
OFFICE: Final[ViewportSize] = {"width": 1280, "height": 720}


async def appoint(pages: Pages, person: Person, stall: Stall, part: str = "keeper") -> Person:
    """Let somebody keep a stall; who they are from now on."""
    ground = pages.ground
    body = {"userId": person.user_id, "part": part}
    done = await ground.post(f"/v1/vendors/{stall.vendor_id}/keepers", body, who=await ground.admin())
    assert done.status_code == 201, done.text
    return dataclasses.replace(person, role="vendor")


async def cashier(pages: Pages, person: Person) -> None:
    """Let somebody take cash."""
    ground = pages.ground
    path = f"/v1/admin/users/{person.user_id}/cashier"
    done = await ground.post(path, {"cashier": True}, who=await ground.admin())
    assert done.status_code == 200, done.text


async def sign_in_of(ground: Ground, person: Person) -> str:
    """What somebody signs in with, as only they are told."""
    me = (await ground.get("/v1/me", who=person)).json()
    name: str = me.get("signIn", me["userId"])
    return name


async def organiser(ground: Ground, name: str) -> Person:
    """One more organiser, signed in; of the command line, so that no other organiser has made them."""
    sign_in = f"{name.lower()}-{secrets.token_hex(4)}"
    await asyncio.to_thread(ground.servers[0].command, "user", "add", "admin", name, "--id", sign_in, "--pin", PIN)
    session = await ground.post("/v1/auth/login", {"userId": sign_in, "pin": PIN})
    assert session.status_code == 200, session.text
    ground.http.cookies.clear()
    ground.secrets.add(session.json()["token"])
    return Person(user_id=session.json()["userId"], token=session.json()["token"], role="admin")


async def page_of(pages: Pages, person: Person, page: str, size: ViewportSize = PHONE) -> Page:
    """One of somebody's pages, whatever else they are; live."""
    opened = await pages.tab(f"/{page}/", size, who=person)
    await pages.live(opened)
    return opened
