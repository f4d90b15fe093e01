"""The stall's page: its tickets, the steps of an order, its menu and its screens."""
