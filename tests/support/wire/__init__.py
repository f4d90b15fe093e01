"""What stands on the other end of a connection: clients, proxies, and other servers' stand-ins."""
