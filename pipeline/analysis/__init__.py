"""Secondary analyses of the pooled videos."""
