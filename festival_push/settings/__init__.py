"""Settings: `config.toml` and the environment become one frozen, validated object, or the server does not start.

sources      the file, and the environment laid over it; each value with the name that the operator gave it
sections     what there is to set, with defaults and bounds
loading      the two together, checked; the default database where nothing names one
production   the settings that are refused where money is real
"""

from festival_push.settings.loading import DEMO_DATABASE_URL, load_settings
from festival_push.settings.production import unsafe
from festival_push.settings.sections import (
    SECRET_BYTES_MIN,
    Auth,
    Boards,
    DatabaseSettings,
    Festival,
    FundsProvider,
    Limits,
    RedisSettings,
    Secret,
    Server,
    Settings,
    StreamSettings,
)
from festival_push.settings.sources import PREFIX, SettingsError

__all__ = [
    "DEMO_DATABASE_URL", "PREFIX", "SECRET_BYTES_MIN", "Auth", "Boards", "DatabaseSettings", "Festival",
    "FundsProvider", "Limits", "RedisSettings", "Secret", "Server", "Settings", "SettingsError", "StreamSettings",
    "load_settings", "unsafe",
]  # fmt: skip
