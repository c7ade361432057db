"""Data: files and made point sets, scaling, splits and batches."""
