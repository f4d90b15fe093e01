export * from "../compat/react.js";
