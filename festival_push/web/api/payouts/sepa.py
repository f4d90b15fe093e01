"""The bank's file of a payout run: a SEPA credit transfer (pain.001.001.09), checked against the scheme.

`sepaxml` writes it and has the scheme. The same run makes the same file each time, by whose ids a bank knows one that
it has had already.
"""

import re
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Final

from sepaxml import SepaTransfer  # type: ignore[import-untyped]  # it publishes no types, and neither does the next
from text_unidecode import unidecode  # type: ignore[import-untyped]

from festival_push.domain.payouts.ibans import bic_of, in_sepa, parse_bic, parse_iban
from festival_push.domain.payouts.refusals import NotSepa
from festival_push.domain.payouts.rows import PayoutRun
from festival_push.domain.rows import Payout
from festival_push.domain.values import rfc3339
from festival_push.settings import Settings

CENTS: Final = 2
"""The digits after the point in which the file has its amounts, whatever the festival counts in."""
SCHEMA: Final = "pain.001.001.09"
NAME_CHARS_MAX: Final = 70
_WORDS_CHARS_MAX: Final = 140
_NAMED_MAX: Final = 20
_UNWRITABLE: Final = re.compile(r"[^A-Za-z0-9/?:().,'+ -]+")
"""What banks may refuse in a text: the EPC's guidelines allow these characters of Latin script, and no others."""


class _Transfers(SepaTransfer):  # type: ignore[misc]  # it has no types
    """A file whose ids and time come from the run, not from the dice and the clock."""

    def __init__(self, run: PayoutRun, config: dict[str, object]) -> None:
        self._run = run
        super().__init__(config, schema=SCHEMA, clean=False)

    def _create_header(self) -> None:
        super()._create_header()
        self._named("MsgId", reference("R", self._run.run_id))
        self._named("CreDtTm", rfc3339(self._run.created_at)[:19])

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        self._named("PmtInfId", reference("R", self._run.run_id))

    def _named(self, name: str, text: str) -> None:
        for node in self._xml.iter(name):
            node.text = text


def reference(kind: str, key: str) -> str:
    """Return the name of a run or a payout in the bank's file and on statements: short, in the bank's characters."""
    return f"{kind}{sha256(key.encode()).hexdigest()[:20].upper()}"


def bank_text(text: str, chars_max: int) -> str:
    """Return text in the characters that banks take; it may be empty."""
    latin = _UNWRITABLE.sub(" ", unidecode(text))
    return " ".join(latin.split())[:chars_max].strip(" -/:.,'+")


def _require_sepa(settings: Settings, payouts: Sequence[Payout]) -> None:
    """Refuse a file that no bank would take. Raises NotSepa, which says why."""
    if settings.currency().code != "EUR" or settings.currency().digits > CENTS:
        raise NotSepa(why="currency")
    if not settings.payouts.iban or not in_sepa(payer := parse_iban(settings.payouts.iban)):
        raise NotSepa(why="payer")
    if not (settings.payouts.bic or bic_of(payer)):
        raise NotSepa(why="bank")
    outside = [payout.payout_id for payout in payouts if payout.iban is not None and not in_sepa(payout.iban)]
    if outside:
        raise NotSepa(why="outside", payout_ids=tuple(outside[:_NAMED_MAX]))


def sepa_file(run: PayoutRun, payouts: Sequence[Payout], settings: Settings) -> bytes:
    """Return the file; it takes seconds for thousands of payouts.

    Raises:
        NotSepa: No bank would take it.
        sepaxml.ValidationError: The file breaks the scheme, which is our bug.
    """
    _require_sepa(settings, payouts)
    own = parse_iban(settings.payouts.iban)
    payer = bank_text(settings.payouts.name or settings.festival.name, NAME_CHARS_MAX) or "Festival"
    bic = parse_bic(settings.payouts.bic) if settings.payouts.bic else bic_of(own)
    config: dict[str, object] = {"name": payer, "IBAN": own, "BIC": bic, "batch": True, "currency": "EUR"}
    file = _Transfers(run, config)
    festival = bank_text(settings.festival.name, NAME_CHARS_MAX)
    for payout in payouts:
        name = reference("P", payout.payout_id)
        file.add_payment(
            {
                "name": bank_text(payout.account_holder or payout.name, NAME_CHARS_MAX) or "NOTPROVIDED",
                "IBAN": payout.iban,
                "amount": payout.due * 10 ** (CENTS - settings.currency().digits),
                "execution_date": date.fromisoformat(run.execution_date),
                "description": f"{festival} payout {name}".strip()[:_WORDS_CHARS_MAX],
                "endtoend_id": name,
            }
        )
    content: bytes = file.export(validate=True)
    return content
