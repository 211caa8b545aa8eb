"""What may be published of a fit: estimates, contrasts, verdicts, all results."""
