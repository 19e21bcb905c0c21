"""How the server tells what it does: log lines and measurements. Knows the core's words only."""
