"""Pairs of pictures with known differences, one module a family of kinds; `kinds.py` lists them."""
