"""SQLite: one file, one connection that writes, several that read, and a lock that other processes respect."""
