"""Seal stored secrets anew with the server's present key, at its start: then older keys may go."""

import logging
from collections.abc import Sequence
from typing import Final

from festival_push.domain.signing_in.lost_factors import ResealFactors
from festival_push.domain.values import FactorId
from festival_push.store.reads.factors import FactorReads
from festival_push.store.writing.committer import Committer
from festival_push.web.identity.factors.sealing import Sealer

_PAGE: Final = 200

_log = logging.getLogger(__name__)


async def open_sealer(keys: Sequence[bytes], reads: FactorReads, committer: Committer) -> Sealer:
    """Return the sealer of these keys, once everything in the database is sealed with the first one."""
    sealer = Sealer(keys)
    await reseal(reads, committer, sealer)
    return sealer


async def reseal(reads: FactorReads, committer: Committer, sealer: Sealer) -> int:
    """Seal anew whatever an older key has sealed, and return how many secrets that were.

    What none of the keys opens stays as it is: its owner signs in by another factor, or has it reset.
    """
    after, renewed, lost = FactorId(""), 0, 0
    while page := await reads.sealed_factors(after=after, limit=_PAGE):
        after = page[-1].factor_id
        known = [(factor.factor_id, factor.secret, factor.user_id) for factor in page if factor.secret is not None]
        lost += sum(sealer.open(secret, owner) is None for _, secret, owner in known)
        changed = [(factor_id, secret, sealer.renewed(secret, owner)) for factor_id, secret, owner in known]
        sealed = tuple((factor_id, before, now) for factor_id, before, now in changed if now is not None)
        if sealed:
            await committer.submit(ResealFactors(sealed=sealed))
            renewed += len(sealed)
    if lost:
        _log.warning("%d second factors were sealed with a secret that this server no longer has", lost)
    return renewed
