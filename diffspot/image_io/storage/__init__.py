"""Object storage: URLs as paths, so that pictures and results are read and written there as on a disk."""

from diffspot.image_io.storage.paths import Known, StoredPath, is_on_web, is_url, text_path, to_path

__all__ = ["Known", "StoredPath", "is_on_web", "is_url", "text_path", "to_path"]
