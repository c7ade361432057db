"""The page on which a pass is stepped through: one HTML text with everything in it."""
