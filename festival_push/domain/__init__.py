"""The business rules, as pure functions: no waiting, no SQL, no clock, no randomness.

A command is a frozen value. `needs()` names the rows that it may touch. `decide(book, now)` reads them and returns a
decision (rows, transfers, events, and the reply), or raises a `Refused`. `book.py` holds the rows of one batch;
`draft.py` collects one decision and is the only way to move money. `rows.py` lists the kinds of row, `events.py` the
events of the wire, `values.py` the ids and kinds that all modules share. The folders hold the commands by noun. Start
with `orders/orders.py`.
"""
