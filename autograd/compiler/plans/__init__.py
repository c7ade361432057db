"""From a function to plans: recorded as a tape, differentiated, grouped and laid out."""
