// @ts-check
/** @param {Date} a @param {Date} b */
export const sameDay = (a, b) => a.toDateString() === b.toDateString();

/** The clock alone today, with the day before it otherwise. @param {string} timestamp  RFC 3339 @param {Date} [now] */
export function formatWhen(timestamp, now = new Date()) {
  const when = new Date(timestamp);
  if (Number.isNaN(when.getTime())) return "";
  /** @type {Intl.DateTimeFormatOptions} */
  const clock = { hour: "2-digit", minute: "2-digit" };
  const format = sameDay(when, now) ? clock : { weekday: /** @type {const} */ ("short"), ...clock };
  return new Intl.DateTimeFormat(undefined, format).format(when);
}

/** @param {number} sinceMs @param {number} nowMs @returns {string} a wait in whole minutes, as a stall says it */
export function formatWait(sinceMs, nowMs) {
  const minutes = Math.max(0, Math.floor((nowMs - sinceMs) / 60_000));
  return minutes === 0 ? "just now" : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
