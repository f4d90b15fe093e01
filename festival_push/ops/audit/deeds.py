"""Checks the chain of deeds: that none was changed, taken away or put in since it was written."""

from festival_push.domain.office.deeds import FIRST_PREVIOUS, KeptDeed, deed_hash
from festival_push.ops.audit.findings import Findings
from festival_push.store.reads.audit.evidence import AuditReads, Totals


class DeedAudit:
    """Walks the deeds once. In memory it keeps one hash.

    Args:
        evidence: Reads the rows.
        findings: Where findings are added.
        standing: The totals as of the first snapshot; its newest deed is the last one to check.
        page: Deeds to read at a time.
    """

    def __init__(self, evidence: AuditReads, findings: Findings, standing: Totals, page: int) -> None:
        self._evidence = evidence
        self._findings = findings
        self._standing = standing
        self._page = page
        self._seq = 0
        self._hash = FIRST_PREVIOUS

    async def run(self) -> None:
        """Check every deed, and that the head of the log ends the chain."""
        end = max(self._standing.deed_seq, self._standing.newest_deed)
        while self._seq < end:
            found = await self._evidence.deeds(self._seq, end, self._page)
            if not found:
                self._findings.add("deeds", f"Deeds {self._seq + 1} to {end} are missing.")
                break
            for deed in found:
                self._check(deed)
        head = (self._standing.deed_seq, self._standing.deed_hash)
        if (self._seq, self._hash) != head:
            text = f"The last deed is {self._seq} with the hash {self._hash}, but the head of the log has"
            self._findings.add("deeds", f"{text} {head[0]} with {head[1]}.")

    def _check(self, deed: KeptDeed) -> None:
        if deed.seq != self._seq + 1:
            self._findings.add("deeds", f"Deeds {self._seq + 1} to {deed.seq - 1} are missing.")
        elif deed.previous != self._hash:
            self._findings.add("deeds", f"Deed {deed.seq} does not follow the one before it.")
        if deed.hash != deed_hash(deed):
            self._findings.add("deeds", f"Deed {deed.seq} is not what its hash was made of.")
        self._seq, self._hash = deed.seq, deed.hash
