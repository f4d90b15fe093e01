"""The rules, pure: no waiting, no SQL, no clock, no chance.

A command is a frozen value. `needs()` names the rows that it may touch, `decide(book, now)` looks at them and returns
what changes: rows, transfers, events, and the reply; or it raises a `Refused`. `book.py` has the rows of one batch,
`draft.py` collects one decision and is the only way to move money. `rows.py` lists the kinds of row, `events.py` the
events of the wire, `values.py` the ids and kinds that all share. The folders hold the commands by noun. Start with
`orders/orders.py`.
"""
