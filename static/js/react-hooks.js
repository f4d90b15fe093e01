// @ts-check
/** The public address of compat/react-hooks.js. */
export * from "../compat/react-hooks.js";
