"""Plans told to a person: as equations, figures and pictures."""
