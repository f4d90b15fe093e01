// @ts-check
/** The hooks, with the React that the page's bundler or import map finds under its bare name. */
import * as React from "react";
import { createHooks } from "./react-hooks.js";

export { createHooks };
export const { configure, useSocket, useBalanceUpdates, useNotifications } = createHooks(React);
