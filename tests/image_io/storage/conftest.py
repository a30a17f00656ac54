"""A bucket that tests write to."""

import pytest

from diffspot.image_io.storage import client
from tests.image_io.storage.buckets import bucket, proxy, s3

__all__ = ["bucket", "proxy", "s3"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that does not answer is asked twice, and not for a minute."""
    monkeypatch.setattr(client, "RETRIES", 1)
