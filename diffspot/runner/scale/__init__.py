"""One run on many machines: pairs in shards, each compared by itself, and their results merged into one report."""
