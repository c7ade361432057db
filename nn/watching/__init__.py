"""Watching a network learn: what is kept of a training while it runs, and the film that shows it."""
