"""What changed, report by report."""
