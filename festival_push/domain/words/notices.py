"""Notices: what the server tells somebody to read is a code with parameters; here are its words in English.

Pages word the codes by themselves (`static/ui/format/notices.js`), and so may every program. The words here are the
`message` of the event: for programs that don't know a code.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from festival_push.domain.values import NotificationType, Priority

Param = str | int
"""A parameter of a notice: amounts are integers in minor units."""

SAID: Final = "said"
"""Stands for what a person wrote, which is the message as it is and no parameter."""

_OPTIONAL: Final = re.compile(r"\[([^\]]*)\]")
_PARAM: Final = re.compile(r"\{([a-z]+)(:money)?\}")


class Text(NamedTuple):
    """How a notice looks, and its words: `{name}` is a parameter, `{name:money}` an amount; what stands in brackets is
    left out with its parameter."""

    kind: NotificationType
    words: str
    title: str | None = None
    priority: Priority | None = None


TEXTS: Final[Mapping[str, Text]] = MappingProxyType({
    # Money of a wallet or a till.
    "money-arrived": Text("payment", "{amount:money} has arrived in your wallet."),
    "money-kept": Text(
        "warning",
        "{amount:money} has arrived for you and is kept, because your wallet holds at most {most:money}: "
        "ask an organiser.",
    ),
    "money-returned": Text("payment", "{amount:money} goes back to whoever paid it ({reason})."),
    "taken-back": Text("payment", "{amount:money} was taken back from your wallet ({reason})."),
    "provider-took-back": Text("warning", "{provider} has taken {amount:money} of your payment back.", priority="high"),
    "provider-gave-back": Text("payment", "{provider} has given {amount:money} back to your wallet."),
    "deposit-back": Text("payment", "{amount:money} of deposit is back in your wallet ({stall})."),
    "allowance-granted": Text("payment", "You have {amount:money} for food and drinks ({reason})."),
    "allowance-taken-back": Text("payment", "{amount:money} of your allowance was taken back ({reason})."),
    "payout-paid": Text("success", "Your payout is on its way."),
    "payout-rejected": Text(
        "warning", "Your payout could not be made[ ({reason})]; the money is back in your wallet."
    ),
    "till-payout-rejected": Text(
        "warning", "Your payout could not be made[ ({reason})]; the money is back in the till."
    ),
    "payout-returned": Text("payment", "{amount:money} of a payout is back ({reason})."),
    "wallet-frozen": Text(
        "warning", "Your wallet is frozen[ ({reason})]: money comes in, and none goes out. Ask at the cash desk.",
        priority="high",
    ),
    "wallet-unfrozen": Text("info", "Your wallet is no longer frozen."),
    "wallet-moved": Text(
        "warning",
        "Your wallet was moved to another one ({reason}). If you did not ask for it, tell the organiser.",
        priority="high",
    ),
    "money-moved": Text("payment", "{amount:money} from the wallet of {name} is in yours now."),
    "paid-at-desk": Text("payment", "You have got {amount:money} of your wallet in cash at the desk."),
    "donation-returned": Text("payment", "{amount:money} of your donation is back in your wallet ({reason})."),
    "till-payout-asked": Text("info", "{name} asks for the till's money to be paid out."),
    # Orders.
    "order-paid": Text("payment", "Payment successful! {items} at {stall}: your number is {number}."),
    "amount-paid": Text("payment", "Payment successful! {items} at {stall}."),
    "paid-at-once": Text("payment", "Paid at {stall}: {items}"),
    "order-ready": Text("order", "Order {number} is ready for pickup at {stall}."),
    "order-cancelled": Text(
        "warning", "Order {number} at {stall} was cancelled ({reason}); all that you paid is back."
    ),
    "order-refunded": Text("payment", "{amount:money} of order {number} at {stall} is back in your wallet ({reason})."),
    "sale-refunded": Text(
        "payment", "{amount:money} of what you paid at {stall} is back in your wallet ({reason})."
    ),
    "order-message": Text("message", "{said}", title="{sender}, order {number}"),
    # One's account.
    "pin-changed": Text("info", "Your PIN was changed."),
    "pin-reset": Text("warning", "The organiser has given you a new PIN. If you did not ask for it, tell them."),
    "sign-in-offered": Text(
        "warning",
        "The cash desk has given you a new way to sign in. If you did not ask for it, tell the organiser.",
        priority="high",
    ),
    "sign-in-changed": Text("warning", "Your sign-in name was changed. If you did not do it, tell the organiser."),
    "factor-added": Text("info", "You have a new second factor: {name}. If it is not yours, tell the organiser."),
    "factor-removed": Text("info", "Your second factor {name} was removed. If it was not you, tell the organiser."),
    "factors-reset": Text(
        "warning", "The organiser has removed your second factors. If you did not ask for it, tell them."
    ),
    "recovery-code-used": Text(
        "warning", "A recovery code was used to sign you in; {left} are left. If it was not you, tell the organiser."
    ),
    "recovery-codes-renewed": Text("info", "You have new recovery codes; the earlier ones are void."),
    # Who keeps a stall.
    "you-keep": Text("info", "You are a keeper of {stall} now."),
    "you-own": Text("info", "You are an owner of {stall} now."),
    "you-left": Text("info", "You no longer keep {stall}."),
    "keeper-came": Text("info", "{name} is a keeper of {stall} now."),
    "owner-came": Text("info", "{name} is an owner of {stall} now."),
    "keeper-left": Text("info", "{name} no longer keeps {stall}."),
    # The office.
    "payout-asked": Text("info", "{name} asks for a payout."),
    "second-wanted": Text("warning", "{amount:money} ({act}) wait for a second organiser."),
    "second-confirmed": Text("info", "{amount:money} ({act}): confirmed."),
    "second-refused": Text("info", "{amount:money} ({act}): refused[ ({reason})]."),
    "cash-missing": Text(
        "warning", "{amount:money} are missing in the drawer {desk} of {name}[ ({reason})].", priority="high"
    ),
    "cash-over": Text("warning", "There are {amount:money} too much in the drawer {desk} of {name}[ ({reason})]."),
    "funds-held": Text(
        "warning", "{amount:money} from {provider} is held ({reason}): assign it to its owner.", priority="high"
    ),
    "payment-conflict": Text(
        "warning", "Payment {payment} of {provider} came again with another amount.", priority="high"
    ),
    "receipt-unread": Text(
        "warning",
        "{provider} has sent a report that can't be read[ (payment {payment})]: book it, or dismiss it.",
        priority="high",
    ),
    "claim-taken": Text(
        "warning",
        "{provider} has taken back {amount:money} of payment {payment}.[ {lost:money} of it is lost: "
        "the wallet does not hold it any more.]",
        priority="high",
    ),
    "claim-given-back": Text(
        "warning",
        "{provider} has given back {amount:money} of payment {payment}.[ {lost:money} of it is lost: "
        "the wallet does not hold it any more.]",
        priority="high",
    ),
})  # fmt: skip
"""Every notice, by its code. Announcements have no code: their words are the organiser's."""


def params_of(text: Text) -> dict[str, bool]:
    """Return the parameters of a notice by name, and whether each must be given."""
    template = f"{text.words} {text.title or ''}"
    needed = {name for name, _ in _PARAM.findall(_OPTIONAL.sub("", template))}
    return {name: name in needed for name, _ in _PARAM.findall(template) if name != SAID}


def worded(template: str, params: Mapping[str, Param], money: Callable[[int], str]) -> str:
    """Return a template's words.

    Args:
        money: Formats an amount of minor units.
    Raises:
        KeyError: A parameter is missing that is not in brackets.
    """

    def value(match: re.Match[str]) -> str:
        given = params[match[1]]
        return money(int(given)) if match[2] else str(given)

    def optional(match: re.Match[str]) -> str:
        return match[1] if all(name in params for name, _ in _PARAM.findall(match[1])) else ""

    return _PARAM.sub(value, _OPTIONAL.sub(optional, template))
