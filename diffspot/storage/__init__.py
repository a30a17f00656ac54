"""Object storage: URLs as paths, so that pictures and results are read and written there as on a disk."""

from diffspot.storage.paths import Known, StoredPath, is_url, to_path

__all__ = ["Known", "StoredPath", "is_url", "to_path"]
