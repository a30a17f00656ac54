"""Registration: stage 1, which lays the candidate over the reference."""

from diffspot.registration.interface import register

__all__ = ["register"]
