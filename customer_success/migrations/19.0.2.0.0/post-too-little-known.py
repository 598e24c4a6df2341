# The share of the weight that must be known, in %, where no setting says otherwise.
KNOWN_ENOUGH = 25.0


def migrate(cr, version):
    """Take away health scores of which too little is known, in the scores and in their history."""
    cr.execute(
        "SELECT value::float8 FROM ir_config_parameter"
        " WHERE key = 'customer_success.known_enough' AND value ~ '^[0-9]+([.][0-9]+)?$'"
    )
    [known_enough] = cr.fetchone() or [KNOWN_ENOUGH]
    cr.execute(
        """
        UPDATE customer_success_score
           SET health = NULL, health_band = 'unsure'
         WHERE health IS NOT NULL
           AND confidence < %s
        """,
        [known_enough],
    )
    cr.execute(
        """
        UPDATE customer_success_score_history
           SET health = NULL
         WHERE health IS NOT NULL
           AND confidence < %s
        """,
        [known_enough],
    )
