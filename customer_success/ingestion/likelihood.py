"""The numbers of users that are hard to believe: more than ten times the licences or the customer's past."""

from .rejections import Reject

TIMES = 10
# Below these numbers a pilot may grow tenfold in a month.
FEWEST = {"active_users": 100, "licensed_users": 1000}

_PAST = """
  SELECT partner_id, product_id,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY licensed_users) FILTER (WHERE licensed_users > 0),
         percentile_disc(0.5) WITHIN GROUP (ORDER BY active_users) FILTER (WHERE active_users > 0)
    FROM customer_success_usage
   WHERE partner_id = ANY(%(partners)s)
GROUP BY partner_id, product_id
"""


def unlikely(figures, past):
    """Return the column of a figure that is hard to believe and the figure it is held against, or ``None``.

    ``figures`` are those of a row, ``past`` the usual numbers of licensed and active users of the customer.

    >>> unlikely({"active_users": 10**12, "licensed_users": 10}, (None, None))
    ('active_users', 10)
    >>> unlikely({"active_users": 900}, (80, 60)), unlikely({"active_users": 700}, (None, 60))
    (('active_users', 80), ('active_users', 60))
    >>> unlikely({"licensed_users": 50_000}, (100, 95))
    ('licensed_users', 100)
    >>> unlikely({"active_users": 99, "licensed_users": 5}, (5, 5)), unlikely({"active_users": 700}, (None, None))
    (None, None)
    >>> unlikely({"active_users": 900, "licensed_users": 1000}, (80, 60)), unlikely({"timely": 50.0}, (80, 60))
    (None, None)
    """
    licensed, active = figures.get("licensed_users"), figures.get("active_users")
    usual_licensed, usual_active = past
    for column, value, usual in (
        ("licensed_users", licensed, usual_licensed),
        ("active_users", active, licensed or usual_licensed or usual_active),
    ):
        if value and usual and value > max(TIMES * usual, FEWEST[column]):
            return column, usual
    return None


class Likelihood:
    """The check of rows of usage against the customers' past, which is read once for a set of rows."""

    def __init__(self, env):
        self.env = env
        self._ = env._
        self.past = {}

    def learn(self, partner_ids):
        """Read the past of the customers of a set of rows with one query."""
        self.env.cr.execute(_PAST, {"partners": list(set(partner_ids))})
        self.past = {(line[0], line[1]): line[2:] for line in self.env.cr.fetchall()}

    def doubt(self, partner_id, product_id, figures):
        """Return why a row is hard to believe as a :class:`Reject`, or ``None``."""
        found = unlikely(figures, self.past.get((partner_id, product_id), (None, None)))
        if not found:
            return None
        column, usual = found
        against = (
            self._("the customer's licences")
            if column == "active_users" and figures.get("licensed_users") == usual
            else self._("this customer's past")
        )
        return Reject(
            "unlikely",
            column,
            self._(
                "%(figure)s is more than ten times %(against)s (%(usual)s). If it is right, write yes in the column "
                "“confirmed”.",
                figure=figures[column],
                against=against,
                usual=round(usual),
            ),
        )
