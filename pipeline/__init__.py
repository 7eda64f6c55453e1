"""The stages, and the commands that run them."""
