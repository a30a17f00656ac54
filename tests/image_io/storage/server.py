"""Object storage on this machine alone: moto's server, and a proxy in front of it that throttles and cuts."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BUCKET = "shots"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "very-secret",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a server with one bucket."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  slow to import, and not everywhere

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        connection = HTTPConnection(host, port)
        connection.request("PUT", f"/{BUCKET}")
        assert connection.getresponse().status == 200
        connection.close()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


class Proxy:
    """Passes requests on, but for those that `trouble` is made of.

    Attributes:
        address: of the proxy.
        seen: how often each method and path was asked for.
        trouble: from method, path and how many of those there were before: "throttle", "cut", or None.
    """

    def __init__(self, behind: str) -> None:
        self.seen: Counter[tuple[str, str]] = Counter()
        self.trouble: Callable[[str, str, int], str | None] = lambda *_: None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, urlsplit(behind).netloc))
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def trouble_of(self, method: str, path: str) -> str | None:
        """What is to go wrong with a request."""
        before = self.seen[method, path]
        self.seen[method, path] += 1
        return self.trouble(method, path, before)


def _of_s3(headers: dict[str, str]) -> dict[str, str]:
    """The headers of a request to Google, whose XML API is S3's but for these, as S3 has them; all others stay."""
    given = {name.lower(): value for name, value in headers.items()}
    if given.get("authorization", "").startswith("AWS"):
        return headers
    new = {"if-none-match": "*"} if given.pop("x-goog-if-generation-match", None) == "0" else {}
    return given | new | {"authorization": "AWS4-HMAC-SHA256 Credential=nobody/20260101/us-east-1/s3/aws4_request"}


def _handler(proxy: Proxy, behind: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            trouble = proxy.trouble_of(self.command, self.path.partition("?")[0])
            if trouble == "throttle":
                self.send_response(503, "Slow Down")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            connection = HTTPConnection(behind)
            connection.request(self.command, self.path, body, _of_s3(dict(self.headers)))
            answer = connection.getresponse()
            data = answer.read()
            connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"transfer-encoding", "connection", "server", "date"}:
                    self.send_header(name, value)
            self.end_headers()
            if trouble == "cut":
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
            elif self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def proxy_to(address: str) -> Iterator[Proxy]:
    """A proxy in front of a server."""
    proxy = Proxy(address)
    thread = threading.Thread(target=proxy.server.serve_forever)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()
