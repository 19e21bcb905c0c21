"""Parsers under fire: `make fuzz ARGS="pdf --seconds 300"`."""
