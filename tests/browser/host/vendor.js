// What an import map points "react" and "react-dom/client" at.
export { createElement, StrictMode, useCallback, useEffect, useRef, useState } from "react";
export { createRoot } from "react-dom/client";
