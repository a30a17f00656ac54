"""Registration: stage 1, which lays the candidate over the reference."""

from diffspot.pipeline.registration.interface import register, unregistered

__all__ = ["register", "unregistered"]
