"""The forward and the backward pass as a sequence of steps."""
