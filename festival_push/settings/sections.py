"""All settings: a frozen struct for each section of `config.toml`, and `Settings`, which holds them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from festival_push.domain.money.amounts import DIGITS_MAX, ISO_DIGITS, Currency
from festival_push.domain.values import Instant, Rules
from festival_push.settings.secrets import Secret, Secrets

Positive = Annotated[int, Meta(ge=1)]
Digits = Annotated[
    int, Meta(ge=-1, le=DIGITS_MAX, description=f"a whole number from 0 to {DIGITS_MAX}, or -1 for those of ISO 4217")
]
DayTime = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):(00|15|30|45)(?![\s\S])",
        description="a time of the day at a quarter of an hour, such as 06:00",
    ),
]
Port = Annotated[int, Meta(ge=0, le=65_535, description="a whole number from 1 to 65535, or 0 for any free port")]

_AMOUNT_MAX_EUROS: Final = 1_000
_BALANCE_MAX_EUROS: Final = 5_000


def minutes_of(time: str) -> int:
    """Return how many minutes after midnight a time of the day is."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Festival(_Section, frozen=True, kw_only=True):
    """The festival: its name, currency, time zone, and in basis points its platform fee and the rates of tax."""

    name: str = "Festival"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    currency_digits: Digits = -1
    timezone: str = "Europe/Berlin"
    day_begins: DayTime = "06:00"
    platform_fee_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0
    tax_rates_bp: Annotated[tuple[Annotated[int, Meta(ge=0, le=10_000)], ...], Meta(max_length=12)] = ()


class Server(_Section, frozen=True, kw_only=True):
    """The server: where it listens, its public URL, its processes, and whom it trusts."""

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    public_url: str = ""
    environment: Literal["development", "production"] = "development"
    allowed_origins: tuple[str, ...] = ()
    drain_s: Annotated[float, Meta(ge=0, le=60)] = 5
    access_log: bool = True
    ops_listen: str = "127.0.0.1:9464"
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")


class DatabaseSettings(_Section, frozen=True, kw_only=True):
    """The database, and how many hours its log is kept."""

    url: str = ""  # `load_settings` puts the default database here
    read_url: str = ""
    readers: Annotated[int, Meta(ge=1, le=64)] = 4
    retention_hours: Positive = 168

    @property
    def file(self) -> Path | None:
        """SQLite's file, where a link to it leads; None for PostgreSQL."""
        if not self.url.startswith("sqlite:///"):
            return None
        named = Path(self.url.removeprefix("sqlite:///"))
        return named.resolve() if named.is_symlink() else named


class RedisSettings(_Section, frozen=True, kw_only=True):
    """Redis, by which processes share news, presence and rate limits; unused without a `url`."""

    url: str = ""
    prefix: Annotated[str, Meta(min_length=1)] = "festival-push"
    heartbeat_s: Annotated[float, Meta(gt=0, le=60)] = 3


class Auth(_Section, frozen=True, kw_only=True):
    """Who may sign tokens (this server, and an identity provider if `jwks_url` names one), and what organisers need."""

    jwt_secret: Secrets = Secrets()
    issuer: Annotated[str, Meta(min_length=1)] = "festival-push"
    audience: Annotated[str, Meta(min_length=1)] = "festival-push"
    token_ttl_s: Annotated[int, Meta(ge=1, le=366 * 86_400)] = 43_200
    session_max_days: Annotated[int, Meta(ge=1, le=366)] = 14
    jwks_url: str = ""
    jwks_issuer: str = ""
    second_factor: Literal["", "offered", "required"] = ""


class Limits(_Section, frozen=True, kw_only=True):
    """Bounds: rates, sizes, amounts in minor units, and what may wait."""

    commands_per_min: Positive = 60
    vendor_commands_per_min: Positive = 300
    anonymous_per_min: Positive = 600
    sign_ins_per_min: Positive = 600
    registrations_per_min: Positive = 600
    wrong_pins_per_hour: Annotated[int, Meta(ge=1, le=100_000)] = 60
    reads_per_min: Positive = 600
    streams_per_user: Positive = 8
    streams_max: Positive = 20_000
    connections_max: Annotated[int, Meta(ge=0)] = 0
    body_bytes_max: Annotated[int, Meta(ge=1024)] = 65_536
    order_lines_max: Positive = 50
    menu_items_max: Positive = 300
    open_orders_max: Positive = 50
    amount_max: Annotated[int, Meta(ge=0, le=10**12)] = 0
    balance_max: Annotated[int, Meta(ge=0, le=10**12)] = 0
    second_person_above: Annotated[int, Meta(ge=0, le=10**12)] = 0
    cashier_daily_max: Annotated[int, Meta(ge=0, le=10**12)] = 0
    cashier_payout_daily_max: Annotated[int, Meta(ge=0, le=10**12)] = 0
    batch_max: Annotated[int, Meta(ge=1, le=10_000)] = 200
    pending_max: Positive = 2_000
    backlog_bytes_max: Annotated[int, Meta(ge=65_536)] = 1_048_576
    window_bytes_max: Annotated[int, Meta(ge=1_048_576)] = 67_108_864


class StreamSettings(_Section, frozen=True, kw_only=True):
    """How streams behave: heartbeats, reconnects, and the pages of a replay."""

    heartbeat_s: Annotated[float, Meta(gt=0, le=300)] = 15
    retry_ms: Positive = 3_000
    max_age_s: Positive = 14_400
    stale_s: Annotated[float, Meta(gt=0, le=60)] = 3
    replay_page: Annotated[int, Meta(ge=1, le=1_000)] = 500  # pages are read 32 at once: 10,000 kept the loop for 1.6 s


class OrderSettings(_Section, frozen=True, kw_only=True):
    """Orders: how long a customer may cancel one, and after how many minutes one is late."""

    cancel_s: Annotated[int, Meta(ge=0, le=300)] = 20
    late_min: Annotated[int, Meta(ge=1, le=240)] = 5
    very_late_min: Annotated[int, Meta(ge=1, le=240)] = 10


class PayoutSettings(_Section, frozen=True, kw_only=True):
    """Payouts: what guests may ask for and until when, who pays, and what stalls leave in their tills."""

    min: Annotated[int, Meta(ge=0, le=10**12)] = 0
    fee: Annotated[int, Meta(ge=0, le=10**12)] = 0
    until: str = ""
    name: str = ""
    iban: str = ""
    bic: str = ""
    donations_for: str = ""
    stall_reserve_hours: Annotated[int, Meta(ge=0, le=720)] = 0

    def until_instant(self) -> Instant | None:
        """Return when guests may ask no more; None: they always may. Raises ValueError."""
        if not self.until:
            return None
        moment = datetime.fromisoformat(self.until)
        if moment.tzinfo is None:
            raise ValueError("needs an offset, such as 2026-08-31T23:59:00+02:00")
        return Instant(round(moment.timestamp() * 1000))


class Boards(_Section, frozen=True, kw_only=True):
    """The pickup boards: who may read them, and for how many minutes they show a ready number."""

    public: bool = False
    ready_min: Annotated[int, Meta(ge=0, le=1_440)] = 30


class FundsEvents(_Section, frozen=True, kw_only=True):
    """Which of a provider's events mean what; `type:status` stands for those of a type with this status alone."""

    paid: tuple[str, ...] = ()
    refunded: tuple[str, ...] = ()
    refunded_total: tuple[str, ...] = ()  # its amount is all that was refunded of the payment so far
    refund_failed: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    dispute_won: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class FundsProvider(_Section, frozen=True, kw_only=True):
    """How one payment provider reports payments; the fields name paths in its JSON or form.

    A path's dots lead into objects; of several, divided by `|`, the first that leads to something counts.
    """

    preset: Literal["none", "standard", "stripe", "zeffy"] = "none"  # whose defaults hold; `presets.py` has them
    secrets: tuple[Secret, ...] = ()
    auth: Literal["standard-webhooks", "stripe", "bearer"] = "standard-webhooks"
    amount_unit: Literal["major", "minor"] = "major"
    amount_digits: Annotated[int, Meta(ge=-1, le=4)] = -1  # that the provider counts or writes; -1: by ISO 4217
    amount_sign: str = ""  # stands before or after the amount, and is dropped
    id: str = "id"
    claim_id: str = ""  # of a refund or a dispute; empty: it has none, and the payment has one of each at most
    amount: str = "amount"
    refunded_total: str = ""  # where an event of `events.refunded_total` says its amount; empty: as all others
    currency: str = "currency"
    only_currency: Annotated[str, Meta(pattern="^([A-Z]{3})?$")] = ""  # where the body says none
    event: str = ""  # empty: the provider reports nothing but payments, and `paid_statuses` says which have come in
    events: FundsEvents = FundsEvents()
    status: str = "status"
    paid_statuses: tuple[str, ...] = ("succeeded", "paid", "completed")
    user_id: str = "user_id"
    top_up_code: str = "top_up_code"
    donor_name: str = "donor_name"
    donor_email: str = "donor_email"


class Settings(_Section, frozen=True, kw_only=True):
    """Everything that can be set."""

    festival: Festival = Festival()
    server: Server = Server()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    auth: Auth = Auth()
    limits: Limits = Limits()
    stream: StreamSettings = StreamSettings()
    orders: OrderSettings = OrderSettings()
    payouts: PayoutSettings = PayoutSettings()
    boards: Boards = Boards()
    funds: dict[Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,31}$")], FundsProvider] = {}

    @property
    def production(self) -> bool:
        """Whether this is production, where unsafe settings are refused."""
        return self.server.environment == "production"

    @property
    def organisers_prove(self) -> bool:
        """Whether an organiser may do nothing as one until they have a second factor."""
        return self.production if not self.auth.second_factor else self.auth.second_factor == "required"

    def currency(self) -> Currency:
        """Return the festival's currency. Raises ValueError where nobody knows its digits."""
        code, digits = self.festival.currency, self.festival.currency_digits
        if digits < 0 and (digits := ISO_DIGITS.get(code, -1)) < 0:
            raise ValueError(f"ISO 4217 does not list {code}: set festival.currency_digits too")
        return Currency(code=code, digits=digits)

    def rules(self) -> Rules:
        """Return the settings that the domain needs."""
        currency = self.currency()
        return Rules(
            currency=currency,
            timezone=ZoneInfo(self.festival.timezone),
            day_begins_min=minutes_of(self.festival.day_begins),
            platform_fee_bp=self.festival.platform_fee_bp,
            tax_rates_bp=self.festival.tax_rates_bp,
            amount_max=self.limits.amount_max or currency.minor_units(_AMOUNT_MAX_EUROS),
            balance_max=self.limits.balance_max or currency.minor_units(_BALANCE_MAX_EUROS),
            second_person_above=self.limits.second_person_above,
            cashier_daily_max=self.limits.cashier_daily_max,
            cashier_payout_daily_max=self.limits.cashier_payout_daily_max,
            payout_min=self.payouts.min,
            payout_fee=self.payouts.fee,
            payouts_until=self.payouts.until_instant(),
            donations=bool(self.payouts.donations_for),
            stall_reserve_ms=self.payouts.stall_reserve_hours * 3_600_000,
            order_lines_max=self.limits.order_lines_max,
            menu_items_max=self.limits.menu_items_max,
            open_orders_max=self.limits.open_orders_max,
            cancel_ms=self.orders.cancel_s * 1000,
            organisers_prove=self.organisers_prove,
            wrong_pins_per_hour=self.limits.wrong_pins_per_hour,
        )
