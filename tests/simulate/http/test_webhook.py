"""Payment reports that a server takes as a provider's."""

import base64
from collections.abc import Mapping
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from festival_push.domain.values import Instant
from festival_push.settings import FundsProvider
from festival_push.simulate.http.webhook import Webhook, signed_headers
from festival_push.web.api.money.funds_reports import FundsReport, read_report
from festival_push.web.identity.signatures import verify_bearer, verify_signed
from tests.support.servers.server import WEBHOOK_SECRET

PATHS: Final = {name: name for name in ("id", "amount", "currency", "status", "top_up_code")}


def webhook(*, bearer: bool = False, paths: Mapping[str, str] = PATHS, digits: int | None = 2) -> Webhook:
    return Webhook(
        provider="zeffy", secret=WEBHOOK_SECRET, bearer=bearer, paths=paths, paid_status="paid", digits=digits
    )


@pytest.mark.parametrize("secret", [WEBHOOK_SECRET, "plain text of at least 24 bytes", "whsec_" + "QUJD"])
def test_the_servers_own_check_takes_the_signature(secret: str) -> None:
    headers = signed_headers("p1", b"{}", secret)
    now = Instant(int(headers["webhook-timestamp"]) * 1000)
    verify_signed(Headers(headers), b"{}", [secret], now)


def test_a_relay_shows_the_shared_secret() -> None:
    verify_bearer(Headers(webhook(bearer=True).headers("p1", b"{}")), [WEBHOOK_SECRET])


@pytest.mark.parametrize(
    ("mapping", "digits", "currency"),
    [
        (FundsProvider(), 2, "EUR"),
        (FundsProvider(), 0, "JPY"),
        (FundsProvider(), 3, "KWD"),
        (FundsProvider(amount_unit="minor"), None, "EUR"),
        (FundsProvider(id="event.id", amount="event.money.amount", currency="event.money.currency"), 2, "EUR"),
        (FundsProvider(status=""), 2, "EUR"),
    ],
)
@given(amount=st.integers(1, 10**9))
def test_the_servers_own_reader_takes_the_report(
    mapping: FundsProvider, digits: int | None, currency: str, amount: int
) -> None:
    paths = {name: getattr(mapping, name) for name in PATHS}
    body = webhook(paths=paths, digits=digits).report("p1", amount, currency, "ANNA2026")
    report = read_report(body, mapping, currency)
    assert isinstance(report, FundsReport)
    assert (report.external_id, report.amount, report.top_up_code) == ("p1", amount, "ANNA2026")


def test_the_signature_is_over_the_very_bytes() -> None:
    one = webhook()
    body = one.report("p1", 2_000, "EUR", "ANNA2026")
    assert msgspec.json.decode(body, type=dict[str, str])["amount"] == "20.00"
    assert base64.b64decode(one.headers("p1", body)["webhook-signature"].removeprefix("v1,"))
