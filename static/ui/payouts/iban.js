// @ts-check
/** IBANs as people type them: a wrong digit is found before anything is sent; the server knows the rest. */

const SHAPE = /^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$/;

/** As the server keeps it; pure. @param {string} typed */
export const plainIban = (typed) => typed.replace(/[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff-]+/g, "").toUpperCase();

/** In groups of four, as it stands on a card; pure. @param {string} iban */
export const groupedIban = (iban) => (iban.includes("…") ? iban : iban.replace(/(.{4})(?=.)/g, "$1 "));

/** What is wrong with it, in words; "": nothing that a page can see. Pure. @param {string} typed */
export function ibanProblem(typed) {
  const iban = plainIban(typed);
  if (!SHAPE.test(iban)) return "This is no IBAN. It begins with two letters and two digits, and stands on your bank card.";
  return remainder(iban) === 1 ? "" : "There is a wrong digit in this IBAN. Compare it with your bank card.";
}

/** The check of ISO 7064, digit by digit, because the number is too long for one. @param {string} iban */
function remainder(iban) {
  let rest = 0;
  for (const sign of iban.slice(4) + iban.slice(0, 4)) {
    const value = parseInt(sign, 36); // A is 10, Z is 35
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
