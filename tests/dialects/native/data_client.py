"""A client of the native dialect's data sets."""

from collections.abc import Mapping, Sequence

import msgspec

from tests.dialects.native.client import Answer, Native


class Item(msgspec.Struct):
    """Anything with an id, as far as most tests look."""

    id: str = ""
    address: str = ""
    title: str = ""
    name: str = ""
    detail: str = ""
    entry_id: str = ""


class Page(msgspec.Struct):
    """A page of anything."""

    items: list[Item]
    has_more: bool = False
    next_cursor: str | None = None


class Run(msgspec.Struct):
    """A run, as far as most tests look."""

    id: str
    state: str
    mode: str
    added: int
    removed: int
    unreadable: int


class DataClient:
    """One data set of the stage, asked for with one key."""

    def __init__(self, native: Native, data_set: str = "open") -> None:
        self.native = native
        self.path = f"/data-sets/{data_set}"

    async def send(self, method: str, path: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """A JSON body, by any method; `path` is below the data set."""
        given = {"Content-Type": "application/json", **(headers or {})}
        return await self.native.ask(method, self.path + path, data=msgspec.json.encode(body), headers=given)

    async def get(self, path: str = "", **headers: str) -> Answer:
        """GET below the data set."""
        return await self.native.get(self.path + path, **headers)

    async def upload(
        self,
        path: str,
        files: Sequence[tuple[str, bytes]],
        *,
        method: str = "POST",
        field: str = "file",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A form with these files."""
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, content in files
        ]
        given = {"Content-Type": "multipart/form-data; boundary=b", **(headers or {})}
        return await self.native.ask(method, self.path + path, data=b"".join([*parts, b"--b--\r\n"]), headers=given)

    async def brought(self, *files: tuple[str, bytes], mode: str = "merge") -> Run:
        """A run with these files, when it has ended."""
        headers = {"Prefer": "wait=30"}
        answer = await self.upload(f"/syncs?mode={mode}", files, headers=headers)
        assert answer.status == 202, answer.body
        run = run_of(answer)
        assert run.state == "completed", answer.body
        return run

    async def page(self, path: str) -> Page:
        """A page below the data set."""
        answer = await self.get(path)
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body, type=Page)


def run_of(answer: Answer) -> Run:
    """The run in an answer."""
    return msgspec.json.decode(answer.body, type=Run)


def item_of(answer: Answer) -> Item:
    """The thing in an answer."""
    return msgspec.json.decode(answer.body, type=Item)
