export * from "../sdk/festival-push.js";
