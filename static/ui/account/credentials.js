// @ts-check
/** Passkeys: what the server says in JSON, and what the browser takes and gives. */
import { humanWords } from "../format/words.js";

/** Return whether a passkey can be bound to this host: a name, no address; pure. @param {string} host */
export const isName = (host) => !/^[\d.]+$|:/.test(host);

/** Return whether this browser can have passkeys here: over https, or on localhost. */
export const canPasskey = () => window.isSecureContext && "PublicKeyCredential" in window && isName(location.hostname);

/** @param {string} text  base64url */
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

/** @param {ArrayBuffer} buffer @returns {string} base64url */
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** @param {{id: string}[]} [credentials] @returns {any[]} */
const known = (credentials = []) => credentials.map((each) => ({ ...each, id: bytes(each.id) }));

/** Let the person make a passkey. @param {any} options  from the server @returns {Promise<object>} for the server */
export async function createPasskey(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: known(options.excludeCredentials) };
  const made = /** @type {any} */ (await navigator.credentials.create({ publicKey }));
  return { id: made.id, response: {
    clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) } };
}

/** Let the person choose a passkey. @param {any} options  from the server @param {AbortSignal} [signal]
 * @returns {Promise<object>} for the server */
export async function usePasskey(options, signal) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
  const used = /** @type {any} */ (await navigator.credentials.get({ publicKey, ...(signal ? { signal } : {}) }));
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return { id: used.id, response: { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData),
    signature: text(signature), ...(userHandle ? { userHandle: text(userHandle) } : {}) } };
}

/** @param {unknown} error  of the browser, or of the server @returns {string} in plain words */
export function passkeyWords(error) {
  if (!(error instanceof DOMException)) return humanWords(error);
  if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
  if (error.name === "NotAllowedError" || error.name === "AbortError") return "No passkey was chosen. Nothing was changed.";
  return "This device can't use a passkey here.";
}
