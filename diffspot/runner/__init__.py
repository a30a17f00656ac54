"""Pairs to results: threads, memory, one report."""
