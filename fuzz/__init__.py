"""Seeded mutation of what diffspot reads: it may refuse it in a sentence, and do nothing else wrong."""
