export * from "../compat/react-hooks.js";
