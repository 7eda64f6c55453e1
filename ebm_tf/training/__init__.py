"""The update, the loop around it, checkpoints, and what is logged."""
