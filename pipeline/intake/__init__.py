"""From what creators have to a contribution. Here, and only here, a file is changed."""
