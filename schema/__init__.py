"""What a contribution is: its columns, its words, and every rule it is checked by.

Imports nothing of ours but itself. How a contribution becomes a report is in `pipeline`.
"""
