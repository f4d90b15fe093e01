"""An order as most would write it first: FastAPI, asyncpg and uvicorn, one process, a transaction for each request.

No rules, keys, cursors or log: a wallet is locked, an order with its items and a transfer are kept, two balances
change, and whoever listens is told by NOTIFY. Its only argument is the URL of an empty PostgreSQL database.
"""

import asyncio
import json
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from pydantic import BaseModel

STALLS, BUYERS, PRICE = 60, 400, 750
TABLES = """
    CREATE TABLE wallets (person TEXT PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance >= 0));
    CREATE TABLE products (product TEXT PRIMARY KEY, stall TEXT NOT NULL, price BIGINT NOT NULL);
    CREATE TABLE orders (
        order_id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES wallets (person),
        stall TEXT NOT NULL REFERENCES wallets (person), total BIGINT NOT NULL, status TEXT NOT NULL,
        made TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE INDEX orders_of_stall ON orders (stall, made);
    CREATE TABLE lines (
        order_id TEXT NOT NULL REFERENCES orders (order_id), product TEXT NOT NULL REFERENCES products (product),
        quantity BIGINT NOT NULL, price BIGINT NOT NULL
    );
    CREATE TABLE transfers (
        transfer_id BIGSERIAL PRIMARY KEY, payer TEXT NOT NULL REFERENCES wallets (person),
        payee TEXT NOT NULL REFERENCES wallets (person), amount BIGINT NOT NULL, order_id TEXT NOT NULL,
        made TIMESTAMPTZ NOT NULL DEFAULT now()
    );
"""


class Line(BaseModel):
    """One thing that is wanted."""

    itemId: str  # as on the wire
    quantity: int


class Wanted(BaseModel):
    """An order."""

    vendorId: str
    items: list[Line]


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """Keep a pool of ten connections, asyncpg's own number."""
    app.state.pool = await asyncpg.create_pool(sys.argv[1])
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=running)


@app.post("/orders", status_code=201)
async def order(wanted: Wanted, person: Annotated[str, Header()], request: Request) -> dict[str, object]:
    """Sell, or refuse with 409."""
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        balance = await connection.fetchval("SELECT balance FROM wallets WHERE person = $1 FOR UPDATE", person)
        names = [line.itemId for line in wanted.items]
        prices = {
            row["product"]: row["price"]
            for row in await connection.fetch("SELECT product, price FROM products WHERE product = ANY($1)", names)
        }
        total = sum(prices[line.itemId] * line.quantity for line in wanted.items)
        if balance is None or balance < total:
            raise HTTPException(409)
        order_id = uuid.uuid4().hex
        await connection.execute(
            "INSERT INTO orders (order_id, person, stall, total, status) VALUES ($1, $2, $3, $4, 'pending')",
            order_id, person, wanted.vendorId, total,
        )  # fmt: skip
        await connection.executemany(
            "INSERT INTO lines (order_id, product, quantity, price) VALUES ($1, $2, $3, $4)",
            [(order_id, line.itemId, line.quantity, prices[line.itemId]) for line in wanted.items],
        )
        await connection.execute("UPDATE wallets SET balance = balance - $2 WHERE person = $1", person, total)
        await connection.execute("UPDATE wallets SET balance = balance + $2 WHERE person = $1", wanted.vendorId, total)
        await connection.execute(
            "INSERT INTO transfers (payer, payee, amount, order_id) VALUES ($1, $2, $3, $4)",
            person, wanted.vendorId, total, order_id,
        )  # fmt: skip
        told = {"orderId": order_id, "total": total, "balance": balance - total}
        await connection.execute("SELECT pg_notify('orders', $1)", json.dumps(told))
    return told


async def furnish() -> None:
    """Make the tables, stalls that sell one thing each, and buyers with plenty."""
    connection = await asyncpg.connect(sys.argv[1])
    await connection.execute(TABLES)
    people = [(f"s{number}", 0) for number in range(STALLS)] + [(f"c{number}", 10**8) for number in range(BUYERS)]
    await connection.executemany("INSERT INTO wallets (person, balance) VALUES ($1, $2)", people)
    products = [(f"i{number}", f"s{number}", PRICE) for number in range(STALLS)]
    await connection.executemany("INSERT INTO products (product, stall, price) VALUES ($1, $2, $3)", products)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(furnish())
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
