"""Where things rest: all SQL. Functions here take a connection or a transaction and never commit one."""
