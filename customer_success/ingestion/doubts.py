"""The question about a row whose figures are hard to believe."""

from ..models.use.likelihood import Likelihood
from .rejections import Reject


class Doubts(Likelihood):
    """The check of rows of usage against the customers' past, which is read once for a set of rows."""

    def doubt(self, partner_id, product_id, figures):
        """Return why a row is hard to believe as a :class:`Reject`, or ``None``."""
        found = super().doubt(partner_id, product_id, figures)
        if not found:
            return None
        column, why = found
        way_out = self._("If it is right, write yes in the column “confirmed”.")
        return Reject("unlikely", column, f"{why} {way_out}")
