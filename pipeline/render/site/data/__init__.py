"""The data wanted, and how to give them."""
