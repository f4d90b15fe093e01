// @ts-check
/** The public address of compat/react.js. */
export * from "../compat/react.js";
