"""Bytes in and out: files written whole, git objects, CSV text as we write it."""
