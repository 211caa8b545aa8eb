"""Mutated contributions through the commands: nothing that a contributor sends may crash one.

`folders` makes valid folders, `mutations` damages them with what `values` holds, `commands` runs
one command as the door does, `batch` takes many folders through all of them, `reduce` makes a
failure small. `make fuzz` runs it long, `tests/commands/test_fuzz.py` short.
"""
