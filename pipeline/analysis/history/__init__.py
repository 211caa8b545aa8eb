"""What changed from report to report, and withdrawal."""
