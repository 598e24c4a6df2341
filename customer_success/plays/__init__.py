"""What calls for a play: one block of SQL a trigger, joined into one statement for all plays.

Plain Python and SQL text, no Odoo: :mod:`.triggers` reads facts in sets and writes only the log of runs.
"""
