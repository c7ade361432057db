"""Training: fit, its steps and samplings, history and metrics."""
