"""Keeps doctest collection away from the scripts that make reference numbers: these need PyTorch."""

collect_ignore_glob = ["make_*.py"]
