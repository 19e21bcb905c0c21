"""A payments service as an MCP server over standard input and output; its accounts are one small SQLite file.

Started by Turnkeeper: `python payments_server.py FILE`. The file is made with a few charges when it is not there.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import ToolAnnotations

EFFECT_KEY = "turnkeeper.dev/idempotency-key"
"""Turnkeeper sends the id of the effect under this name: the same at every try of the same call."""

CHARGES = [
    ("ch_1001", "cus_123", 19.00, "succeeded"),
    ("ch_1002", "cus_123", 42.00, "failed"),
    ("ch_2001", "cus_456", 180.00, "failed"),
]

server = MCPServer("payments")


@contextmanager
def accounts() -> Iterator[sqlite3.Connection]:
    """The file, inside one transaction."""
    connection = sqlite3.connect(sys.argv[1], timeout=10)
    try:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS charges (id PRIMARY KEY, customer, amount, status)")
            connection.execute("CREATE TABLE IF NOT EXISTS refunds (key PRIMARY KEY, charge UNIQUE, amount)")
            connection.execute("CREATE TABLE IF NOT EXISTS receipts (customer, text)")
            connection.executemany("INSERT OR IGNORE INTO charges VALUES (?, ?, ?, ?)", CHARGES)
            yield connection
    finally:
        connection.close()


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def list_charges(customer: str) -> str:
    """List a customer's charges: id, amount in euros, and whether it succeeded or failed."""
    with accounts() as connection:
        rows = connection.execute(
            "SELECT c.id, c.amount, c.status, r.charge IS NOT NULL FROM charges c LEFT JOIN refunds r ON r.charge = c.id"
            " WHERE c.customer = ? ORDER BY c.id",
            (customer,),
        ).fetchall()
    lines = [f"{charge} {amount:.2f} {status}{', refunded' * refunded}" for charge, amount, status, refunded in rows]
    return "\n".join(lines) or f"{customer} has no charges."


@server.tool()
def refund_charge(charge: str, amount: float, context: Context[object]) -> str:
    """Refund a charge in full. The amount in euros must be that of the charge."""
    key = (context.request_context.meta or {}).get(EFFECT_KEY)
    if not isinstance(key, str):
        raise TypeError("The call carries no idempotency key.")
    with accounts() as connection:
        # The same key again is the same refund, not another one.
        if connection.execute("SELECT 1 FROM refunds WHERE key = ?", (key,)).fetchone() is None:
            known = connection.execute("SELECT amount FROM charges WHERE id = ?", (charge,)).fetchone()
            if known is None or known[0] != amount:
                raise ValueError(f"There is no charge {charge} of {amount:.2f}.")
            connection.execute("INSERT INTO refunds VALUES (?, ?, ?)", (key, charge, amount))
    return f"{charge} was refunded: {amount:.2f} euros."


@server.tool()
def send_receipt(customer: str, text: str) -> str:
    """Send a receipt to the customer. Nothing prevents a second one: it must be called once."""
    with accounts() as connection:
        connection.execute("INSERT INTO receipts VALUES (?, ?)", (customer, text))
    return f"A receipt was sent to {customer}."


if __name__ == "__main__":
    server.run("stdio")
