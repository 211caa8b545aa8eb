"""What is usual: rates and their bands."""
