"""Checkpoints capture exactly what stands, and touch nothing of the user's."""
