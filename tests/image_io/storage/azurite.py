"""Azure's storage on this machine alone: Microsoft's own emulator, where npm has installed it."""

from __future__ import annotations

import base64
import hmac
import re
import subprocess
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import sha256
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "azurite-blob"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Those of every such emulator, as its documentation has them: no secret."""
VERSION = "2021-12-02"


@contextmanager
def azure_server(container: str) -> Iterator[str]:
    """The address of a server with one container."""
    options = ["--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent"]
    server = subprocess.Popen([PROGRAM, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        lines = (re.search(r"listens on (http://\S+)", line) for line in server.stdout)
        address = next(found[1] for found in lines if found)
        _make_container(urlsplit(address).netloc, container)
        yield f"{address}/{ACCOUNT}"
    finally:
        server.terminate()
        server.communicate()


def _make_container(host: str, name: str) -> None:
    """Asks for a container, signed as Azure's "Authorize with Shared Key" says."""
    date = formatdate(usegmt=True)
    headers = f"x-ms-date:{date}\nx-ms-version:{VERSION}\n"
    told = "PUT" + "\n" * 12 + f"{headers}/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    signature = base64.b64encode(hmac.digest(base64.b64decode(KEY), told.encode(), sha256)).decode()
    connection = HTTPConnection(host)
    connection.request(
        "PUT",
        f"/{ACCOUNT}/{name}?restype=container",
        headers={
            "x-ms-date": date,
            "x-ms-version": VERSION,
            "Content-Length": "0",
            "Authorization": f"SharedKey {ACCOUNT}:{signature}",
        },
    )
    assert connection.getresponse().status == 201
    connection.close()
