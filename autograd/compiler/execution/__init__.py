"""Plans carried out: by the kernels, or by the reference."""
