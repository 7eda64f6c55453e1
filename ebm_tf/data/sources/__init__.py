"""Data sets by name: a file each, which registers itself."""
