"""Drawn scenes with known truth: photos, pages and boards, and what a camera does to them.

Everything takes a `numpy.random.Generator`, so that one seed gives one picture. Shared by the
fixtures and by the benchmarks.
"""
