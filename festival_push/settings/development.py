"""The secrets of a development server: made at its first start, so that `make run` needs no set-up."""

import base64
import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from festival_push.settings import SECRET_BYTES_MIN, FundsProvider, Secret, Secrets, Settings, SettingsError
from festival_push.settings.private_files import make_private

_WEBHOOK_BYTES: Final = 24
_log = logging.getLogger(__name__)


def development_secrets(settings: Settings) -> Settings:
    """Fill in the secrets that are missing, from generated files beside the database; never in production.

    Each file is made once, by the first of several processes, and has mode 0600. So every command knows the same
    secrets, and they outlast a restart. Delete `development-secret` to sign everybody out.
    """
    if settings.production:
        return settings
    folder, auth = state_folder(settings), settings.auth
    if not auth.jwt_secret:
        auth = replace(auth, jwt_secret=Secrets(_kept(folder / "development-secret", _signing_secret)))

    def with_secret(name: str, provider: FundsProvider) -> FundsProvider:
        if provider.secrets:
            return provider
        return replace(provider, secrets=(_kept(folder / f"development-secret-{name}", _webhook_secret),))

    return replace(settings, auth=auth, funds={name: with_secret(name, each) for name, each in settings.funds.items()})


def state_folder(settings: Settings) -> Path:
    """Return where a development server keeps its files: beside the SQLite database, or in `var` if it has none."""
    file = settings.database.file
    return Path("var") if file is None else file.parent


def _signing_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES_MIN)


def _webhook_secret() -> str:
    """Make a secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_WEBHOOK_BYTES)).decode()


def _kept(path: Path, make: Callable[[], str]) -> Secret:
    if not path.exists():
        _write_once(path, make())
    try:
        repaired = make_private(path)
    except OSError as error:
        raise SettingsError(f"{path}: others can read it, and that can't be changed: {error.strerror}") from error
    if repaired:
        _log.warning("%s could be read by others on this machine; delete it if somebody may have", path)
    secret = path.read_text("utf-8").strip()
    if len(secret) < SECRET_BYTES_MIN:
        raise SettingsError(f"{path}: too short for a secret; delete it, and it is made anew")
    return Secret(secret)


def _write_once(path: Path, text: str) -> None:
    """Write a file aside, then link it to its name: nobody ever reads half of it, and the first process wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()
