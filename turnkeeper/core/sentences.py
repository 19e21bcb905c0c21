"""Numbers in sentences."""

from decimal import Decimal


def counted(amount: float | Decimal, noun: str) -> str:
    """`1 model call`, `2 model calls`, `1,000 tokens`, `0.5 seconds`; the plural of the noun is made with an s."""
    number = f"{amount:,}" if isinstance(amount, int) else f"{amount:g}"
    return f"{number} {noun}" if amount == 1 else f"{number} {noun}s"
