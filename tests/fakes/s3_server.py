"""A small S3 over loopback: PUT, GET, HEAD and DELETE of objects, and uploads in parts, as the S3 API documents them.

It checks that requests are signed, not the signature. `async with S3Server() as s3:` and point a client to `s3.address`.
"""

import hashlib
from types import TracebackType
from typing import Self

from aiohttp import web

_XML = '<?xml version="1.0" encoding="UTF-8"?>'


class S3Server:
    """Objects in memory, by path. `is_away` makes every request a 503; `most_body` is the largest body that came."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.is_away = False
        self.most_body = 0
        self._parts: dict[str, dict[int, bytes]] = {}
        app = web.Application(client_max_size=64_000_000)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        self.address = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.most_body = max(self.most_body, len(body))
        if self.is_away:
            return _problem(503, "SlowDown")
        if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 Credential=key/"):
            return _problem(403, "AccessDenied")
        path = request.match_info["path"]
        if "uploads" in request.query or "uploadId" in request.query:
            return self._in_parts(request, path, body)
        return self._object(request.method, path, body)

    def _object(self, method: str, path: str, body: bytes) -> web.Response:
        match method:
            case "PUT":
                self.objects[path] = body
                return web.Response(headers={"ETag": _tag(body)})
            case "GET" | "HEAD":
                found = self.objects.get(path)
                if found is None:
                    return _problem(404, "NoSuchKey")
                headers = {"ETag": _tag(found), "Last-Modified": "Mon, 01 Jun 2026 00:00:00 GMT"}
                return web.Response(body=found, headers=headers)
            case "DELETE":
                self.objects.pop(path, None)
                return web.Response(status=204)
            case _:
                return _problem(405, "MethodNotAllowed")

    def _in_parts(self, request: web.Request, path: str, body: bytes) -> web.Response:
        if request.method == "POST" and "uploads" in request.query:
            upload = f"upload-{len(self._parts)}"
            self._parts[upload] = {}
            text = f"{_XML}<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            return web.Response(text=text, content_type="application/xml")
        parts = self._parts[request.query["uploadId"]]
        if request.method == "PUT":
            parts[int(request.query["partNumber"])] = body
            return web.Response(headers={"ETag": _tag(body)})
        self.objects[path] = b"".join(parts[number] for number in sorted(parts))
        text = f"{_XML}<CompleteMultipartUploadResult><ETag>{_tag(body)}</ETag></CompleteMultipartUploadResult>"
        return web.Response(text=text, content_type="application/xml")


def _problem(status: int, code: str) -> web.Response:
    return web.Response(status=status, text=f"{_XML}<Error><Code>{code}</Code></Error>", content_type="application/xml")


def _tag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'
