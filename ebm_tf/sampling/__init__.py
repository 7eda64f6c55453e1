"""Chains that walk downhill in energy, and the buffer that keeps their ends."""
