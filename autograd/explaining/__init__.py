"""Where a gradient comes from: every path from a value to the output, in symbols and in numbers."""
