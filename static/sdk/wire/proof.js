// @ts-check
/** Proofs of work: a sum that a device does to get in when others behind its address have used up the address' budget. */

/** @typedef {{challenge: string, bits: number}} Work  find a nonce: SHA-256 of `<challenge>.<nonce>` begins with so many
 *   zero bits */

const BITS_MAX = 22; // a minute of a phone; nobody asks for more in earnest
const BATCH = 256; // hashes that are asked for at once: one by one, waiting would take longer than hashing
const WORK_MS_MAX = 30_000; // the challenge lives for two minutes

/** The work that a refusal asks for; null if it asks for none that could be done.
 * @param {import("../problem.js").ProblemError} problem @returns {Work | null} */
export function wantedWork({ status, params }) {
  const { challenge, bits } = params.proof ?? {};
  const isDoable = status === 429 && typeof challenge === "string" && Number.isInteger(bits) && bits > 0 && bits <= BITS_MAX;
  return isDoable ? { challenge, bits } : null;
}

/** Do the work; the page stays responsive meanwhile.
 * @param {Work} work @param {{digest: (text: BufferSource) => Promise<ArrayBuffer>, now: () => number,
 *   signal?: AbortSignal | undefined}} options  now: milliseconds; signal: calls it off
 * @returns {Promise<string>} what the header `Proof-Of-Work` says; "" if it took too long or was called off */
export async function prove({ challenge, bits }, { digest, now, signal }) {
  const encoder = new TextEncoder();
  const startedAt = now();
  for (let first = 0; now() - startedAt < WORK_MS_MAX && !signal?.aborted; first += BATCH) {
    const proofs = Array.from({ length: BATCH }, (_, at) => `${challenge}.${first + at}`);
    const hashes = await Promise.all(proofs.map((proof) => digest(encoder.encode(proof))));
    const found = hashes.findIndex((hash) => new DataView(hash).getUint32(0) >>> (32 - bits) === 0);
    if (found >= 0) return proofs[found] ?? "";
  }
  return "";
}
