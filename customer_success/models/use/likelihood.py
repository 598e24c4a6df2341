"""The check of numbers of users against the customers' past, for forms, files and the API."""

from ...scoring.likely import unlikely

_PAST = """
  SELECT partner_id, product_id,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY licensed_users) FILTER (WHERE licensed_users > 0),
         percentile_disc(0.5) WITHIN GROUP (ORDER BY active_users) FILTER (WHERE active_users > 0)
    FROM customer_success_usage
   WHERE partner_id = ANY(%(partners)s) AND NOT id = ANY(%(without)s)
GROUP BY partner_id, product_id
"""


class Likelihood:
    """The check of figures of use against the customers' past, which is read once for a set of them."""

    def __init__(self, env):
        self.env = env
        self._ = env._
        self.past = {}

    def learn(self, partner_ids, without=()):
        """Read the past of customers with one query, ``without`` the records of use with these ids."""
        parameters = {"partners": list(set(partner_ids)), "without": list(without)}
        self.env.cr.execute(_PAST, parameters)
        self.past = {(line[0], line[1]): line[2:] for line in self.env.cr.fetchall()}

    def doubt(self, partner_id, product_id, figures):
        """Return the field of a figure that is hard to believe and why as a text, or ``None``."""
        found = unlikely(figures, self.past.get((partner_id, product_id), (None, None)))
        if not found:
            return None
        column, usual = found
        words = {"figure": round(figures[column]), "usual": round(usual)}
        if column == "active_users" and figures.get("licensed_users") == usual:
            text = self._(
                "%(figure)s is more than ten times the customer's licences (%(usual)s).", **words
            )
        else:
            text = self._(
                "%(figure)s is more than ten times this customer's past (%(usual)s).", **words
            )
        return column, text
