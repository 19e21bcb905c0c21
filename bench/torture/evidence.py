"""What is kept of a run to find out what happened: logs of all processes, and every row when a promise was broken."""

import asyncio
import shutil
from pathlib import Path

from psycopg import sql

from bench.torture.site import Site


def keep_logs(site: Site, folder: Path) -> None:
    """Copy the logs of the nodes and of PostgreSQL."""
    folder.mkdir(parents=True, exist_ok=True)
    for log in (*(node.log for node in site.nodes), site.cluster.folder / "data" / "postgres.log"):
        if log.exists():
            shutil.copy(log, folder)


async def keep_rows(site: Site, folder: Path) -> None:
    """Write each table as it is now into a file of its name, as CSV."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with await site.cluster.connect() as connection:
        found = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in await found.fetchall():
            query = sql.SQL("COPY {} TO STDOUT (FORMAT csv, HEADER)").format(sql.Identifier(str(table)))
            with (folder / f"{table}.csv").open("wb") as file:
                async with connection.cursor().copy(query) as rows:
                    async for row in rows:
                        file.write(row)
