"""A bucket that tests write to."""

from tests.image_io.storage.buckets import bucket, proxy, s3

__all__ = ["bucket", "proxy", "s3"]
