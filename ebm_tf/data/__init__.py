"""Data sets by name, local files in their published formats, shards, batches."""
