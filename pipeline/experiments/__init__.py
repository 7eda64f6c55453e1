"""Many trainings: the paper's tables, searches over settings."""
