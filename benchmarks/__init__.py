"""Measuring and training: scripts that anyone can rerun."""
