"""The settings that the server refuses to start with in production, where money is real."""

from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import urlsplit

from festival_push.settings.sections import SECRET_BYTES_MIN, Settings
from festival_push.settings.sources import Keys


def unsafe(settings: Settings) -> list[tuple[Keys, str]]:
    """Return each setting that is not fit for real money, with what is wrong with it."""
    server, auth = settings.server, settings.auth
    secret, public = auth.jwt_secret.reveal(), urlsplit(server.public_url)
    findings = {
        ("auth.jwt_secret", f"set JWT_SECRET, at least {SECRET_BYTES_MIN} bytes"): len(secret.encode())
        < SECRET_BYTES_MIN,
        ("auth.jwt_secret", "too little variety to be random"): len(set(secret)) < 10 <= len(secret),
        ("server.public_url", "must be https://…"): public.scheme != "https" or not public.hostname,
        ("server.allowed_origins", "name them, no wildcard"): any("*" in origin for origin in server.allowed_origins),
        ("server.trusted_proxies", "name them, not everybody"): any(
            ip_network(network).prefixlen == 0 for network in server.trusted_proxies
        ),
        ("server.workers", "more than one needs redis.url"): server.workers > 1 and not settings.redis.url,
        ("auth.jwks_url", "must be https://…"): bool(auth.jwks_url) and not auth.jwks_url.startswith("https://"),
        ("auth.jwks_issuer", "required with jwks_url"): bool(auth.jwks_url) and not auth.jwks_issuer,
    }
    found = [(tuple(name.split(".")), text) for (name, text), wrong in findings.items() if wrong]
    return [*found, *_unsafe_secrets(settings)]


def _unsafe_secrets(settings: Settings) -> Iterator[tuple[Keys, str]]:
    jwt_secret = settings.auth.jwt_secret
    for name, provider in settings.funds.items():
        keys = ("funds", name, "secrets")
        others = [other.secrets for other_name, other in settings.funds.items() if other_name != name]
        if any(len(key.reveal()) < 24 for key in provider.secrets):
            yield keys, "at least 24 characters each"
        if jwt_secret in provider.secrets:
            yield keys, "must differ from auth.jwt_secret"
        if any(key in secrets for secrets in others for key in provider.secrets):
            yield keys, "must differ from another provider's"  # or one could speak for both
