"""Plans written as NumPy or JAX source."""
