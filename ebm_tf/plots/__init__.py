"""Figures from arrays, and nothing else."""
