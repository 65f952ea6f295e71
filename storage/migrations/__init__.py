"""How did the tables become what they are? Dated, forward only, each upgrade one transaction."""
