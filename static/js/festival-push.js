// @ts-check
/** The public address of sdk/festival-push.js. */
export * from "../sdk/festival-push.js";
