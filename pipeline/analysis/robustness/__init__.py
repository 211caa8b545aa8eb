"""How far the headline holds under other reasonable choices."""
