import type { Hooks } from "./react-hooks.js";

export { createHooks } from "./react-hooks.js";
export declare const configure: Hooks["configure"];
export declare const useSocket: Hooks["useSocket"];
export declare const useBalanceUpdates: Hooks["useBalanceUpdates"];
export declare const useNotifications: Hooks["useNotifications"];
