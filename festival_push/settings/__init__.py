"""Settings: `config.toml` and the environment become one frozen, validated object, or the server does not start.

sources      the file, and the environment, which overrides it; each value with the name that the operator gave it
sections     all settings, with their defaults and bounds
secrets      what shows itself to nobody; the server's own, several of them during a rotation
loading      the two together, checked; the default database if no setting names one
expectations what a setting must be, in words, for errors
listening    an address to listen on, as host and port
funds        what a payment provider's settings must be, and what is suspicious in them
urls         what the URLs of the database and of Redis may say
payouts      what the account that pays, and the deadline of payouts, must be
presets      ready-made settings of payment providers
production   the settings that are refused in production
development  the secrets that a development server makes for itself

Start with `loading.py`.
"""

from festival_push.settings.funds import suspicious_funds
from festival_push.settings.listening import ops_address
from festival_push.settings.loading import DEMO_DATABASE_URL, load_settings
from festival_push.settings.presets import PRESETS, STRIPE_DIGITS
from festival_push.settings.production import unsafe
from festival_push.settings.secrets import SECRET_BYTES_MIN, Secret, Secrets
from festival_push.settings.sections import (
    Auth,
    Boards,
    DatabaseSettings,
    Festival,
    FundsEvents,
    FundsProvider,
    Limits,
    OrderSettings,
    PayoutSettings,
    RedisSettings,
    Server,
    Settings,
    StreamSettings,
)
from festival_push.settings.sources import PREFIX, SettingsError

__all__ = [
    "DEMO_DATABASE_URL", "PREFIX", "PRESETS", "SECRET_BYTES_MIN", "STRIPE_DIGITS", "Auth", "Boards", "DatabaseSettings",
    "Festival", "FundsEvents", "FundsProvider", "Limits", "OrderSettings", "PayoutSettings", "RedisSettings", "Secret",
    "Secrets", "Server", "Settings", "SettingsError", "StreamSettings", "load_settings", "ops_address",
    "suspicious_funds", "unsafe",
]  # fmt: skip
