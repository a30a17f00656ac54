"""Registration: stage 1, which lays the candidate over the reference."""

from diffspot.model import Registration


def register(reference, candidate, *, method):
    return Registration()
