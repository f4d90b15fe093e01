"""The signing secret of a development server: made at its first start, so that `make run` needs no set-up."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import msgspec

from festival_push.settings import SECRET_BYTES_MIN, Secret, Settings, SettingsError


def development_secrets(settings: Settings) -> Settings:
    """Fill in a missing signing secret from a generated file of mode 0600 beside the database; never in production.

    The file is made once, whoever of several processes comes first; delete it to sign everybody out.
    """
    if settings.production or settings.auth.jwt_secret.reveal():
        return settings
    path = _state_folder(settings) / "development-secret"
    if not path.exists():
        _make_secret(path)
    secret = Secret(path.read_text("utf-8").strip())
    if len(secret.reveal()) < SECRET_BYTES_MIN:
        raise SettingsError(f"{path}: too short for a secret; delete it, and it is made anew")
    return msgspec.structs.replace(settings, auth=msgspec.structs.replace(settings.auth, jwt_secret=secret))


def _make_secret(path: Path) -> None:
    """Write it aside, then give it its name: nobody ever reads half of it, and the first one stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(SECRET_BYTES_MIN))
    with suppress(FileExistsError):
        os.link(aside, path)
    aside.unlink()


def _state_folder(settings: Settings) -> Path:
    _, sqlite, file = settings.database.url.partition("sqlite:///")
    return Path(file).parent if sqlite else Path("var")
