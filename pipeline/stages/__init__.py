"""The stages, each from artifacts to an artifact."""
