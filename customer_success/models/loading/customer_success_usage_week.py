from odoo import api, fields, models
from odoo.exceptions import UserError

from ...ingestion.weeks import UnsaidWeeks
from ..use.customer_success_usage import WEEK_STARTS


class CustomerSuccessUsage(models.Model):
    """The question on which day weeks start, if a week may still run, in forms and in Odoo's own import.

    It is asked as of a file (:class:`~odoo.addons.customer_success.ingestion.weeks.UnsaidWeeks`), so that the first day
    of a week that starts on a Sunday is not stored as all of the week before.
    """

    _inherit = "customer.success.usage"

    is_week_asked = fields.Boolean(compute="_compute_is_week_asked")

    @api.depends("date", "period")
    def _compute_is_week_asked(self):
        """Ask in a form on which day weeks start, unless the week stands already."""
        for usage in self:
            origin = usage._origin
            stands = origin and (origin.date, origin.period) == (usage.date, usage.period)
            entered = {"date": usage.date, "period": usage.period}
            usage.is_week_asked = not stands and self._weekday_asked([entered]) is not None

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            default = self.default_get(["date", "period", "week_start"])
            self._check_weeks([{**default, **vals} for vals in vals_list])
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and {"date", "period"} & vals.keys():
            for usage in self:
                key = {"date": usage.date, "period": usage.period}
                entered = {**key, **vals}
                if (fields.Date.to_date(entered["date"]), entered["period"]) != (*key.values(),):
                    self._check_weeks([entered])
        return super().write(vals)

    @api.model
    def _check_weeks(self, vals_list):
        """Refuse weeks that may still run, if it is not said on which day they start."""
        weekday = self._weekday_asked(vals_list)
        if weekday is not None:
            raise UserError(
                self.env._(
                    "This week may still run: it is not said on which day weeks start. Choose the day in “Weeks Start On”, or "
                    "write %s or monday in that column.",
                    WEEK_STARTS[weekday][0],
                )
            )

    @api.model
    def _weekday_asked(self, vals_list):
        """Return the day of the week, from 0, on which a week that may still run would start; ``None`` if there is none."""
        weeks = UnsaidWeeks(fields.Date.context_today(self))
        for number, vals in enumerate(vals_list):
            day = fields.Date.to_date(vals.get("date"))
            if day and vals.get("period") == "week" and not vals.get("week_start"):
                weeks.see(day)
                weeks.note(number, vals, self._period_start(day, "week"))
        weekday = weeks.weekday(set())
        return weekday if weekday is not None and weeks.may_run(weekday) else None
