"""How contributions become a report: read, check, pool, fit, render.

Data flows one way; each stage imports only earlier ones, and `__main__` is the only door.
"""
