"""What levers, levels and analyses are called."""
