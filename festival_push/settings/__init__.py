"""Settings: `config.toml` and the environment become one frozen, validated object, or the server does not start.

sources      the file, and the environment, which overrides it; each value with the name that the operator gave it
secret_files a setting's text in a file of its own
sections     all settings, with their defaults and bounds
secrets      what shows itself to nobody; the server's own, several of them during a rotation
loading      the two together, checked; the default database if no setting names one
misspelt     which setting was meant by a name that is none
expectations what a setting must be, in words, for errors
checks       what types can't express: what can never work, and what is refused in production
presets      ready-made settings of payment providers
development  the secrets that a development server makes for itself
variables    our variables that are no settings

Start with `loading.py`.
"""

from festival_push.settings.checks.funds import suspicious_funds
from festival_push.settings.checks.listening import ops_address
from festival_push.settings.checks.production import unsafe
from festival_push.settings.checks.urls import USUAL_PORTS, is_private_url, wrong_origin
from festival_push.settings.loading import DEMO_DATABASE_URL, load_settings
from festival_push.settings.presets import PRESETS, STRIPE_DIGITS
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
from festival_push.settings.sources import PREFIX, SettingsError, read_sources, shown

__all__ = [
    "DEMO_DATABASE_URL", "PREFIX", "PRESETS", "SECRET_BYTES_MIN", "STRIPE_DIGITS", "USUAL_PORTS", "Auth", "Boards",
    "DatabaseSettings", "Festival", "FundsEvents", "FundsProvider", "Limits", "OrderSettings", "PayoutSettings",
    "RedisSettings", "Secret", "Secrets", "Server", "Settings", "SettingsError", "StreamSettings", "is_private_url",
    "load_settings", "ops_address", "read_sources", "shown", "suspicious_funds", "unsafe", "wrong_origin",
]  # fmt: skip
