"""The settings that the server refuses to start with in production, where money is real."""

import base64
from collections.abc import Iterator
from typing import Final

from festival_push.settings.checks.networks import mean_everybody
from festival_push.settings.checks.strength import meanings_of, weakness_of
from festival_push.settings.secrets import SECRET_BYTES_MIN, Secrets
from festival_push.settings.sections import Settings
from festival_push.settings.sources import Keys

_WEBHOOK_CHARS_MIN: Final = 24
SECRETS_MAX: Final = 5


def unsafe(settings: Settings) -> list[tuple[Keys, str]]:
    """Return each setting that is not fit for real money, with what is wrong with it."""
    server, auth = settings.server, settings.auth
    findings = {
        ("server.public_url", "must be https://…"): not server.public_url.startswith("https://"),
        ("server.allowed_origins", "must be https://…"): any(
            not origin.startswith("https://") for origin in server.allowed_origins
        ),
        ("server.trusted_proxies", "name them, not everybody"): mean_everybody(server.trusted_proxies),
        ("server.metrics_from", "name them, not everybody"): mean_everybody(server.metrics_from),
        ("server.workers", "more than one needs redis.url"): server.workers > 1 and not settings.redis.url,
        ("auth.jwks_url", "must be https://…"): bool(auth.jwks_url) and not auth.jwks_url.startswith("https://"),
    }
    found = [(tuple(name.split(".")), text) for (name, text), wrong in findings.items() if wrong]
    found += [(("auth", "jwt_secret"), fault) for fault in _faults_of(auth.jwt_secret)]
    return [*found, *_unsafe_secrets(settings)]


def _faults_of(secrets: Secrets) -> Iterator[str]:
    """Yield what is wrong with the server's own secrets. The old ones too sign somebody in who has them."""
    texts = [secret.reveal() for secret in secrets]
    if not texts or any(len(text.encode()) < SECRET_BYTES_MIN for text in texts):
        yield f"set JWT_SECRET, at least {SECRET_BYTES_MIN} bytes" + (" each" if len(texts) > 1 else "")
    yield from {
        weakness for text in texts if len(text.encode()) >= SECRET_BYTES_MIN and (weakness := weakness_of(text))
    }
    if len(texts) > SECRETS_MAX:
        yield f"at most {SECRETS_MAX}: each is tried for each token of before"


def _unsafe_secrets(settings: Settings) -> Iterator[tuple[Keys, str]]:
    own = {meaning for secret in settings.auth.jwt_secret for meaning in meanings_of(secret.reveal())}
    meanings = {
        name: {meaning for key in provider.secrets for meaning in meanings_of(key.reveal())}
        for name, provider in settings.funds.items()
    }
    for name, provider in settings.funds.items():
        keys = ("funds", name, "secrets")
        if any(len(key.reveal()) < _WEBHOOK_CHARS_MIN for key in provider.secrets):
            yield keys, f"at least {_WEBHOOK_CHARS_MIN} characters each"
        else:
            yield from {(keys, weakness) for key in provider.secrets if (weakness := _webhook_weakness(key.reveal()))}
        if own & meanings[name]:
            yield keys, "must differ from auth.jwt_secret"
        if any(meanings[name] & meanings[other] for other in settings.funds if other != name):
            yield keys, "must differ from another provider's"  # or one could speak for both


def _webhook_weakness(secret: str) -> str | None:
    """Return why somebody could guess the key that a webhook's secret stands for, and print money with it."""
    text = secret.removeprefix("whsec_")
    try:
        key = base64.b64decode(text, validate=True).decode("latin-1")
    except ValueError:
        key = ""
    return weakness_of(text) or (weakness_of(key) if key else None)
