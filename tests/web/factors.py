"""An edge with the routes of second factors, and people who enrol some."""

from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
import pyotp

from festival_push.domain.values import Role
from festival_push.settings import Settings
from festival_push.web.api.people import factor_sign_in, factors
from festival_push.web.routing.endpoint import ADMIN, USER, Call, Endpoint, json_response
from tests.support.wire.authenticator import SoftPasskey
from tests.web.edge import Edge, open_edge, settings_for

LOGIN, STEP, PASSKEY = "/v1/auth/login", "/v1/auth/login/factor", "/v1/auth/passkey"
FACTORS, TOTP, PASSKEYS = "/v1/me/factors", "/v1/me/factors/totp", "/v1/me/factors/passkeys"
PIN: Final = "739146"
ORIGIN: Final = "http://fest.test"
STEP_MS: Final = 30_000


async def who(call: Call) -> Any:
    """GET /v1/who for everybody, GET /v1/office for organisers."""
    return json_response({"userId": call.user().user.user_id})


ENDPOINTS: Final = (
    *factor_sign_in.ENDPOINTS,
    *factors.ENDPOINTS,
    Endpoint("GET", "/v1/who", who, USER),
    Endpoint("GET", "/v1/office", who, ADMIN),
)


def strict() -> Settings:
    """Organisers need a second factor."""
    settings = settings_for()
    return msgspec.structs.replace(settings, auth=msgspec.structs.replace(settings.auth, second_factor="required"))


def open_factors(folder: Path, settings: Settings | None = None) -> Any:
    """The edge, with its routes."""
    return open_edge(folder, settings=settings, endpoints=ENDPOINTS)


class Person:
    """Somebody with a PIN, and a browser that is signed in."""

    def __init__(self, edge: Edge, user_id: str) -> None:
        self.edge = edge
        self.user_id = user_id
        self.secret = ""
        self.codes: list[str] = []
        self.browser = edge.browser()
        self.headers = {"Origin": ORIGIN}

    @classmethod
    async def added(cls, edge: Edge, user_id: str = "anna", role: Role = Role.CUSTOMER) -> "Person":
        """A new person, signed in by their PIN."""
        await edge.add(user_id, role, pin=PIN)
        person = cls(edge, user_id)
        assert (await person.login()).status_code == 200
        return person

    async def post(self, path: str, body: Any) -> httpx2.Response:
        """Ask, from a page of ours."""
        return await self.browser.post(path, json=body, headers=self.headers)

    async def get(self, path: str) -> httpx2.Response:
        """Read."""
        return await self.browser.get(path)

    async def login(self, pin: str = PIN) -> httpx2.Response:
        """The first step."""
        return await self.post(LOGIN, {"userId": self.user_id, "pin": pin})

    async def challenge(self) -> dict[str, Any]:
        """What a right PIN is answered with."""
        response = await self.login()
        assert response.status_code == 401, response.text
        asked: dict[str, Any] = response.json()
        assert asked["code"] == "second-factor-required"
        return asked

    def code(self, *, steps: int = 0) -> str:
        """What the app shows, so many steps from now."""
        return pyotp.TOTP(self.secret).at(self.edge.clock.now_ms // 1000, counter_offset=steps)

    async def enrol_app(self, **name: str) -> httpx2.Response:
        """Add an app; the next code is another one."""
        begun = await self.post(TOTP, {"pin": PIN})
        assert begun.status_code == 200, begun.text
        self.secret = begun.json()["secret"]
        confirmed = await self.post(
            f"{TOTP}/confirm", {"enrolment": begun.json()["enrolment"], "totp": self.code(), **name}
        )
        assert confirmed.status_code == 201, confirmed.text
        self.codes = confirmed.json().get("recoveryCodes", self.codes)
        self.edge.clock.now_ms += STEP_MS
        return confirmed

    async def enrol_passkey(self, passkey: SoftPasskey) -> httpx2.Response:
        """Add a passkey."""
        begun = await self.post(PASSKEYS, {"pin": PIN})
        assert begun.status_code == 200, begun.text
        made = passkey.create(begun.json()["options"])
        return await self.post(f"{PASSKEYS}/confirm", {"enrolment": begun.json()["enrolment"], "passkey": made})
