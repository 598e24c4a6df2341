"""The customers that are followed, in SQL: the one condition of every statement that scores, checks, warns or lists."""


def followed(alias="p"):
    """Return the SQL of the condition that a customer is followed; ``alias`` is the table of partners.

    It has an adoption stage, is not archived, and is no former customer. ``success_is_followed`` is the same for the ORM.

    >>> followed("partner")
    'partner.active AND partner.success_stage_id IS NOT NULL AND partner.success_former_date IS NULL'
    """
    return (
        f"{alias}.active AND {alias}.success_stage_id IS NOT NULL"
        f" AND {alias}.success_former_date IS NULL"
    )


FOLLOWED = followed("p")
