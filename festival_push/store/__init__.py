"""The store: the only package with SQL. One writer, many readers; SQLite and PostgreSQL behave alike.

`writing/` commits commands: the committer takes the waiting commands, reads the rows that they need into a book, lets
each command decide, and writes all decisions in one transaction. `reads/` has the queries of pages and streams.
`log.py` is the event log; `tables.py` derives columns and SQL from the rows of the domain; `currency.py` keeps what all
amounts are in. `database.py` has the protocols of a database, `sqlite/` and `postgres/` implement them, `opening.py`
chooses between the two. `migrations/` brings a database up to date. Start with `writing/committer.py`.
"""
