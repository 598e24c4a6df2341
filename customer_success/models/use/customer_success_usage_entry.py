from odoo import api, fields, models

from ..common.known_float import KnownFloat
from .customer_success_usage import SAID
from .customer_success_usage_figures import DEGREES, FIGURES, KEY, SOURCES


def _previous(name, label):
    digits = (5, 1) if name in DEGREES else (16, 0)
    return KnownFloat(f"{label} (Before)", compute="_compute_previous", digits=digits)


class CustomerSuccessUsage(models.Model):
    """The entry of use by hand: the form opens what stands, with the figures of the period before beside it.

    The actions of the screens set ``success_by_hand`` in the context. Other programs that create a period a second
    time are refused, as they should use :meth:`ingest`.
    """

    _inherit = "customer.success.usage"

    standing_id = fields.Many2one(
        "customer.success.usage",
        "Entry That Stands",
        store=False,
        copy=False,
        export_string_translation=False,
    )
    previous_id = fields.Many2one("customer.success.usage", compute="_compute_previous")
    previous_date = fields.Date("Period From (Before)", compute="_compute_previous")
    previous_source = fields.Selection(SOURCES, "Source (Before)", compute="_compute_previous")
    previous_licensed_users = _previous("licensed_users", "Licensed Users")
    previous_active_users = _previous("active_users", "Active Users")
    previous_as_intended = _previous("as_intended", DEGREES["as_intended"])
    previous_timely = _previous("timely", DEGREES["timely"])
    previous_quality = _previous("quality", DEGREES["quality"])
    previous_frequency = _previous("frequency", DEGREES["frequency"])
    previous_in_place = _previous("in_place", DEGREES["in_place"])
    previous_accuracy = _previous("accuracy", DEGREES["accuracy"])

    @api.depends(*KEY, "week_start")
    def _compute_previous(self):
        """Find the latest use of the product before this period, of the same source where there are two.

        Forms show it, one record at a time, so it takes one query for each record.
        """
        for usage in self:
            found = usage.browse()
            if usage.partner_id and usage.product_id and usage.date and usage.period:
                found = usage.search(
                    [
                        ("partner_id", "=", usage.partner_id._origin.id),
                        ("product_id", "=", usage.product_id._origin.id),
                        ("period", "=", usage.period),
                        (
                            "date",
                            "<",
                            self._period_start(usage.date, usage.period, usage.week_start),
                        ),
                    ],
                    order="date desc, id desc",
                    limit=2,
                )
                found = found.filtered(lambda one, last=found[:1].date: one.date == last)
            same = found.filtered(lambda one, source=usage.source: one.source == source)
            usage.previous_id = same[:1] or found[:1]
            for name in ("date", "source", *FIGURES):
                usage[f"previous_{name}"] = bool(usage.previous_id) and usage.previous_id[name]

    @api.onchange(*KEY, "week_start")
    def _onchange_key(self):
        """Show the figures that stand for this period; keep those that were typed."""
        if not self._is_by_hand() or self._origin:
            return
        before, self.standing_id = (
            self.standing_id,
            self._standing(
                {
                    "partner_id": self.partner_id._origin.id,
                    "product_id": self.product_id._origin.id,
                    "source": self.source,
                    "date": self.date,
                    "period": self.period,
                    "week_start": self.week_start,
                }
            ),
        )
        if before == self.standing_id:
            return
        for name in FIGURES:
            if self[name] is False or (before and self[name] == before[name]):
                self[name] = self.standing_id[name] if self.standing_id else False

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_by_hand():
            return super().create(vals_list)
        ids = []
        for vals in vals_list:
            standing = self._standing({**self.default_get(list(KEY)), **vals})
            if standing:
                standing._correct(vals)
            ids.append((standing or super().create([vals])).id)
        return self.browse(ids)

    def _correct(self, vals):
        """Write the figures that were entered a second time over those that stand.

        An empty figure says that it is unknown only if the form showed what stands.
        """
        seen = vals.get("standing_id") == self.id
        self.write(
            {
                name: vals[name]
                for name in (*FIGURES, *SAID)
                if name in vals and (seen or vals[name] is not False)
            }
        )

    @api.model
    def _standing(self, key):
        """Return the record of this customer, product, source and period, if it exists."""
        if not all(key.get(name) for name in KEY):
            return self.browse()
        date = self._period_start(key["date"], key["period"], key.get("week_start"))
        return self.search(
            [*((name, "=", key[name]) for name in KEY if name != "date"), ("date", "=", date)]
        )

    @api.model
    def _is_by_hand(self):
        return bool(self.env.context.get("success_by_hand"))
