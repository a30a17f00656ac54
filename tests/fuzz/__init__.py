"""Seeded mutation of everything that diffspot reads: `make fuzz`, `make fuzz SECONDS=3600`, `make fuzz INPUTS=1500`.

What is read is a target, one file in this folder and one line in `targets.TARGETS`.
"""
