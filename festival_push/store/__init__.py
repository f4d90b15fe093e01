"""The only SQL. One writer, many readers; SQLite and PostgreSQL behave alike.

`writing/` commits commands: the committer takes what waits, reads the rows that it needs into a book, lets each command
decide, and writes all of it in one transaction. `reads/` has the queries of pages and streams. `log.py` is the event
log, `tables.py` derives columns and SQL from the rows of the domain. `database.py` says what a database can do,
`sqlite/` and `postgres/` do it, `opening.py` chooses between them. `migrations/` brings a database forward. Start with
`writing/committer.py`.
"""
