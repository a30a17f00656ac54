"""Fixtures of tests that need object storage: a bucket that they write to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from diffspot.image_io.storage import client
from tests.image_io.storage.server import BUCKET, ENVIRONMENT, proxy_to, s3_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.image_io.storage.server import Proxy


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a server of object storage."""
    pytest.importorskip("obstore", reason="needs the extra cloud")
    pytest.importorskip("moto.server", reason="needs moto and flask")
    with s3_server() as address:
        yield address


@pytest.fixture
def proxy(s3: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """What stands between diffspot and the storage."""
    with proxy_to(s3) as proxy:
        for name, value in (ENVIRONMENT | {"AWS_ENDPOINT_URL": proxy.address}).items():
            monkeypatch.setenv(name, value)
        client.open_store.cache_clear()
        yield proxy
        client.open_store.cache_clear()


@pytest.fixture
def bucket(proxy: Proxy, request: pytest.FixtureRequest) -> str:
    """A URL below which there is nothing yet, behind the proxy."""
    del proxy
    return f"s3://{BUCKET}/{re.sub('[^a-z_]', '_', request.node.name)}"
