"""A bucket that tests write to."""

from tests.storage.buckets import bucket, proxy, s3

__all__ = ["bucket", "proxy", "s3"]
