"""How sure the estimates are."""
