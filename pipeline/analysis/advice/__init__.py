"""Which data are missing, and how much would tell."""
