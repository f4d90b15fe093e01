// A React app written for the hooks of the Socket.IO front end.
import { createElement, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { configure, useBalanceUpdates, useNotifications, useSocket } from "festival-push/react.js";

const fields = new URLSearchParams(location.hash.slice(1));
configure({ token: fields.get("token") });

function Wallet({ userId }) {
  const [user, setUser] = useState({ balance: null });
  const [notifications, setNotifications] = useState([]);
  const { isConnected, emitEvent } = useSocket(userId, true);
  useBalanceUpdates(userId, (balanceData) => setUser((prev) => ({ ...prev, balance: balanceData.newBalance })));
  useNotifications(userId, (eventType, data) => setNotifications((all) => [...all, `${eventType}:${data.status ?? data.type ?? ""}`]));
  return createElement("main", null,
    createElement("p", { id: "link" }, isConnected ? "connected" : "not connected"),
    createElement("p", { id: "balance" }, String(user.balance)),
    createElement("ul", { id: "notifications" }, notifications.map((notification, index) => createElement("li", { key: index }, notification))),
    createElement("button", { id: "refresh", onClick: () => emitEvent("refresh-balance", {}) }, "Refresh"));
}

function App() {
  const [isOpen, setOpen] = useState(true);
  return createElement(StrictMode, null,
    isOpen && createElement(Wallet, { userId: fields.get("user") }),
    createElement("button", { id: "close", onClick: () => setOpen(false) }, "Close"));
}

createRoot(document.getElementById("root")).render(createElement(App));
