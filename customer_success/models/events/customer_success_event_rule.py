from odoo import api, fields, models
from odoo.exceptions import ValidationError

# The days of events on which a rule shows what it would say.
SHOWN_DAYS = 30

_PREVIEW = """
SELECT count(*) FILTER (WHERE name = %(name)s),
       count(DISTINCT person) FILTER (WHERE name = %(name)s),
       count(*) FILTER (WHERE name = ANY(%(core)s)),
       count(*) FILTER (WHERE name = ANY(%(intended)s)),
       count(*) FILTER (WHERE name = %(name)s AND business_date IS NOT NULL),
       count(*) FILTER (WHERE name = %(name)s AND day <= business_date + %(days)s)
  FROM customer_success_event
 WHERE source_id = %(source)s
   AND day >= %(since)s
   AND name = ANY(%(names)s)
   AND person IS NOT NULL
"""


class CustomerSuccessEventRule(models.Model):
    """The meaning of an event of a source for use."""

    _name = "customer.success.event.rule"
    _description = "Rule for an Event"
    _order = "source_id, meaning, name"

    source_id = fields.Many2one(
        "customer.success.event.source", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(
        "Event",
        required=True,
        help="The name of the event, as the product sends it. A page is called “Viewed … Page”.",
    )
    meaning = fields.Selection(
        [
            ("intended", "Core use, as intended"),
            ("core", "Core use, in another way"),
            ("failed", "A failed or corrected entry"),
            ("beside", "Work beside the system"),
        ],
        "What It Shows",
        required=True,
        default="intended",
        help="Core use makes a user active. The share of it that is as intended is the degree of use as intended; failed or corrected "
        "entries lower the accuracy of data; exports, uploads and the like show work beside the system.",
    )
    date_property = fields.Char(
        "Business Date",
        help="The property of the event with the date that the entry is about, such as the date of an order. It is kept from the time "
        "on at which the rule is saved.",
    )
    within_days = fields.Integer(
        "On Time Within (Days)",
        default=1,
        help="An entry is on time if it is made at most so many days after its business date.",
    )
    preview = fields.Char(
        "In the Last 30 Days",
        compute="_compute_preview",
        help="What the rule says about the events that came in, before it is saved.",
    )

    _name_uniq = models.UniqueIndex("(source_id, name)", "There is a rule for this event already.")
    _check_days = models.Constraint(
        "CHECK(within_days BETWEEN 0 AND 366)", "On time is within 0 to 366 days."
    )

    @api.depends("name", "meaning", "date_property", "within_days", "source_id.rule_ids.meaning")
    def _compute_preview(self):
        since = fields.Date.subtract(fields.Date.today(), days=SHOWN_DAYS)
        for rule in self:
            source = rule.source_id._origin
            if not rule.name or not source or not source.has_access("read"):
                rule.preview = False
                continue
            meanings = {
                other.name: other.meaning
                for other in source.rule_ids
                if other != rule._origin and other.name
            } | {rule.name.strip(): rule.meaning}
            core = [name for name, told in meanings.items() if told in ("core", "intended")]
            intended = [name for name, told in meanings.items() if told == "intended"]
            self.env.cr.execute(
                _PREVIEW,
                {
                    "source": source.id,
                    "name": rule.name.strip(),
                    "names": list(meanings),
                    "core": core,
                    "intended": intended,
                    "days": rule.within_days or 0,
                    "since": since,
                },
            )
            rule.preview = rule._said(*self.env.cr.fetchone())

    def _said(self, number, users, core, intended, dated, timely):
        """Return in words what a rule says about the events that came in."""
        if not number:
            return self.env._("No such event came in.")
        parts = [self.env._("%(events)d events of %(users)d users", events=number, users=users)]
        if self.meaning in ("core", "intended") and core:
            parts.append(
                self.env._("%d %% of core use is as intended", round(100 * intended / core))
            )
        elif self.meaning == "failed":
            parts.append(self.env._("accuracy %d %%", round(100 * core / (core + number))))
        elif self.meaning == "beside":
            parts.append(self.env._("%d %% in the system", round(100 * core / (core + number))))
        if self.date_property:
            parts.append(
                self.env._("%d %% on time", round(100 * timely / dated))
                if dated
                else self.env._("no business date is kept yet")
            )
        return "; ".join(parts)

    @api.constrains("date_property", "meaning")
    def _check_date_property(self):
        for rule in self:
            if rule.date_property and rule.meaning not in ("core", "intended"):
                raise ValidationError(
                    self.env._("Only core use is on time or late: “%s” is none.", rule.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create([_clean(vals) for vals in vals_list])
        rules.source_id._recount()
        return rules

    def write(self, vals):
        sources = self.source_id
        result = super().write(_clean(vals))
        (sources | self.source_id)._recount()
        return result

    def unlink(self):
        sources = self.source_id
        result = super().unlink()
        sources.exists()._recount()
        return result


def _clean(vals):
    """Return values with their texts stripped, as those of events are."""
    return {
        name: value.strip() if isinstance(value, str) else value for name, value in vals.items()
    }
