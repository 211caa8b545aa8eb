"""From results to what people and machines read; pure functions, one module a kind of result."""
