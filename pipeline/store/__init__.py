"""Artifacts on the disk: manifests, unfinished work, lineage, code digests."""
