// The declarations that are written by hand equal those that TypeScript derives from each script.
import type * as keptClient from "festival-push/festival-push.js";
import type * as keptHooks from "festival-push/react-hooks.js";
import type * as madeClient from "made/festival-push.js";
import type * as madeHooks from "made/react-hooks.js";

declare const client: typeof madeClient;
declare const hooks: typeof madeHooks;
export const sameClient: typeof keptClient = client;
export const sameHooks: typeof keptHooks = hooks;
type Names<Kept, Made> = [Exclude<keyof Made, keyof Kept>, Exclude<keyof Kept, keyof Made>];
export const noneLeftOut: Names<typeof keptClient, typeof madeClient> extends [never, never] ? true : false = true;
export const nothingMore: Names<ReturnType<typeof keptClient.createClient>, ReturnType<typeof madeClient.createClient>> extends [never, never] ? true : false = true;
type Notified<Handler> = Handler extends (...told: infer Told extends any[]) => void ? Told[0] : never;
type Kept = Notified<Parameters<ReturnType<typeof keptHooks.createHooks>["useNotifications"]>[1]>;
type Made = Notified<Parameters<ReturnType<typeof madeHooks.createHooks>["useNotifications"]>[1]>;
export const sameNotifications: [Kept, Made] extends [Made, Kept] ? true : false = true;
