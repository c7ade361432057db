"""The `glassgrad` command line."""
