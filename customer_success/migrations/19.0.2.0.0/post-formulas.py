# The formulas of scores from before they were named; any other name is a new formula.
BEFORE = "0"


def migrate(cr, version):
    """Name the formula of the scores that are there, so that the first score by the new one is marked in the history."""
    for table in ("customer_success_score", "customer_success_score_history"):
        cr.execute(f"UPDATE {table} SET formula = %s WHERE formula IS NULL", [BEFORE])
