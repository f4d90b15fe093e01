"""What the settings of payment providers must be besides their types, and what is only suspicious in them."""

import base64
from collections.abc import Iterator
from typing import Final

from festival_push.settings.sections import FundsProvider, Settings
from festival_push.settings.sources import Keys

_PREFIX: Final = "whsec_"
_TYPES: Final = (".succeeded", ".refunded", ".captured", ".completed", "payment_intent", "charge.", "payment.")


def wrong_funds(settings: Settings) -> Iterator[tuple[Keys, str]]:
    """Yield each setting of a provider with which its reports could never be proved or read, and why."""
    for name, provider in settings.funds.items():
        keys = ("funds", name)
        if provider.auth == "standard-webhooks" and not all(map(_is_key, _secrets(provider))):
            yield (*keys, "secrets"), "what follows whsec_ must be base64, as the provider shows it"
        if not provider.currency and not provider.only_currency:
            yield (*keys, "only_currency"), "name the currency of a provider that sends none"
        if provider.only_currency not in ("", settings.festival.currency):
            yield (*keys, "only_currency"), f"must be festival.currency, {settings.festival.currency}"
        if provider.event and not provider.events.paid:
            yield (*keys, "events.paid"), "name the events that mean that money came in"
        meanings = [event for events in _meanings(provider).values() for event in events]
        if twice := sorted({event for event in meanings if meanings.count(event) > 1}):
            yield (*keys, "events"), f"{twice[0]} has two meanings"
        if not provider.event and any(_meanings(provider).values()):
            yield (*keys, "event"), "say where the events' type stands in the body"


def suspicious_funds(settings: Settings) -> Iterator[tuple[Keys, str]]:
    """Yield each setting of a provider that is likely not what its operator means."""
    for name, provider in settings.funds.items():
        typed = [status for status in provider.paid_statuses if any(part in status for part in _TYPES)]
        if not provider.event and typed:
            text = f"{typed[0]!r} looks like a type of event: set event and events.paid, or a preset"
            yield ("funds", name, "paid_statuses"), text
        elif not provider.event and ("." in provider.status or "." in provider.id):
            text = (
                "the provider seems to report events of several types: without event and events.paid, or a preset, "
                "a refund with a paid status counts as a payment"
            )
            yield ("funds", name, "event"), text


def _secrets(provider: FundsProvider) -> list[str]:
    return [secret.reveal() for secret in provider.secrets]


def _is_key(secret: str) -> bool:
    """Return whether a secret is a key: any text, but after `whsec_` only base64."""
    if not secret.startswith(_PREFIX):
        return True
    text = secret.removeprefix(_PREFIX)
    try:
        return bool(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except ValueError:
        return False


def _meanings(provider: FundsProvider) -> dict[str, list[str]]:
    """Return the events of each meaning, as they are compared: without case."""
    return {
        name: [event.lower() for event in getattr(provider.events, name)]
        for name in type(provider.events).__struct_fields__
    }
