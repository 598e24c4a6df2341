from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.common.known_float import KnownFloat
from ..models.use.customer_success_usage_figures import DEGREES, FIGURES
from ..models.use.steps import STEPS
from ..scoring.use import nearest_step

USERS = ("licensed_users", "active_users")


class CustomerSuccessAssess(models.TransientModel):
    """A dialog that asks how a customer used all its products in a month, in worded steps."""

    _name = "customer.success.assess"
    _description = "Assess the Use of All Products"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", readonly=True
    )
    date = fields.Date(
        "Month",
        required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), "month"),
    )
    line_ids = fields.One2many("customer.success.assess.line", "assess_id", "Products")
    measured_words = fields.Text("Measured", compute="_compute_measured_words")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        partner = self.env["res.partner"].browse(values.get("partner_id"))
        if partner and "line_ids" in fields:
            values["line_ids"] = self._prepare_lines(partner, values["date"])
        return values

    @api.onchange("date")
    def _onchange_date(self):
        """Show what stands in the month that was chosen, else in the one before."""
        if self.partner_id and self.date:
            self.line_ids = [
                Command.clear(),
                *self._prepare_lines(self.partner_id._origin, self.date),
            ]

    @api.depends("line_ids.measured_words")
    def _compute_measured_words(self):
        for dialog in self:
            dialog.measured_words = "\n".join(
                self.env._(
                    "Measured of %(product)s: %(figures)s",
                    product=line.product_id.with_context(display_default_code=False).display_name,
                    figures=line.measured_words,
                )
                for line in dialog.line_ids
                if line.measured_words
            )

    @api.model
    def _prepare_lines(self, partner, date):
        """Return a line for each product, filled in with what stands this month, else with the last assessment."""
        known = self._known(partner, date)
        return [
            Command.create(
                {
                    "partner_id": partner.id,
                    "product_id": product.id,
                    "date": date,
                    **{name: known[product, name] for name in USERS if (product, name) in known},
                    **{
                        name: str(nearest_step(known[product, name]))
                        for name in DEGREES
                        if (product, name) in known
                    },
                }
            )
            for product in partner._success_products()
        ]

    @api.model
    def _known(self, partner, date):
        """Return ``{(product, figure): value}`` as last assessed up to this month, within the time for which it counts.

        A record of this month says all that is known of it, also what was emptied in it.
        """
        usages = self.env["customer.success.usage"]
        month = usages._period_start(date, "month")
        since = fields.Date.subtract(month, days=self._fresh_days())
        found = {}
        for usage in usages.search(
            [
                ("partner_id", "=", partner.id),
                ("source", "=", "assessed"),
                ("period", "=", "month"),
                ("date", "<=", month),
                ("date", ">=", since),
            ],
            order="product_id, date desc",
        ):
            if usage.product_id not in found:
                found[usage.product_id] = usage
        return {
            (product, name): usage[name]
            for product, usage in found.items()
            for name in FIGURES
            if usage[name] is not False
        }

    @api.model
    def _fresh_days(self):
        """Return the days for which a figure of use counts."""
        return int(self.env["customer.success.settings"]._limit("usage_fresh_days"))

    def action_save(self):
        """Store what was said of each product as its assessed use of the month."""
        self.ensure_one()
        if not self.line_ids:
            raise UserError(
                self.env._("Add a product of which you know something, or close the dialog.")
            )
        known = self._known(self.partner_id, self.date)
        usages = self.env["customer.success.usage"].with_context(success_by_hand=True)
        for line in self.line_ids:
            key = {
                "partner_id": self.partner_id.id,
                "product_id": line.product_id.id,
                "source": "assessed",
                "date": self.date,
                "period": "month",
            }
            standing = usages._standing(key)
            figures = line._figures(known)
            if standing:
                standing.write(figures)
            elif any(value is not False for value in figures.values()):
                usages.create({**key, **figures})
        return {"type": "ir.actions.act_window_close"}

    def action_figures(self):
        """Enter figures of one product instead."""
        self.ensure_one()
        return self.partner_id.action_success_assess()


class CustomerSuccessAssessLine(models.TransientModel):
    """A product in the dialog; a degree that the product measures is shown and not asked."""

    _name = "customer.success.assess.line"
    _description = "Use of One Product"

    assess_id = fields.Many2one("customer.success.assess", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="cascade")
    date = fields.Date(required=True)
    product_id = fields.Many2one("product.product", required=True, ondelete="cascade")
    licensed_users = KnownFloat(digits=(16, 0))
    active_users = KnownFloat(digits=(16, 0))
    as_intended = fields.Selection(STEPS["as_intended"], DEGREES["as_intended"])
    timely = fields.Selection(STEPS["timely"], DEGREES["timely"])
    quality = fields.Selection(STEPS["quality"], DEGREES["quality"])
    frequency = fields.Selection(STEPS["frequency"], DEGREES["frequency"])
    in_place = fields.Selection(STEPS["in_place"], DEGREES["in_place"])
    accuracy = fields.Selection(STEPS["accuracy"], DEGREES["accuracy"])
    measured = fields.Json("Measured Figures", compute="_compute_measured")
    measured_words = fields.Char("Measured", compute="_compute_measured")

    @api.depends("partner_id", "product_id", "date")
    def _compute_measured(self):
        """Read which figures the product measures, as they count in the score."""
        for line in self:
            found = line._measured() if line.product_id and line.date else {}
            line.measured = list(found)
            usage = self.env["customer.success.usage"]
            line.measured_words = ", ".join(
                f"{usage._fields[name]._description_string(self.env)} {value:g}"
                + ("" if name in USERS else " %")
                for name, value in found.items()
            )

    def _measured(self):
        """Return ``{figure: value}`` as last measured, within the time for which it counts."""
        days = self.assess_id._fresh_days()
        usages = self.env["customer.success.usage"].search(
            [
                ("partner_id", "=", self.partner_id._origin.id),
                ("product_id", "=", self.product_id._origin.id),
                ("source", "=", "measured"),
                ("date", "<=", fields.Date.end_of(self.date, "month")),
                ("date", ">", fields.Date.subtract(self.date, days=days)),
            ],
            order="date desc",
        )
        found = {}
        for name in FIGURES:
            values = [usage[name] for usage in usages if usage[name] is not False]
            if values:
                found[name] = values[0]
        return found

    def _figures(self, known):
        """Return the figures that this line says, without those that the product measures.

        A figure that was known and whose step was not changed stays exactly as it was.
        """
        self.ensure_one()
        measured = self._measured()
        figures = {name: self[name] for name in USERS if name not in measured}
        for name in DEGREES:
            if name in measured:
                continue
            step, before = self[name], known.get((self.product_id, name))
            if not step:
                figures[name] = False
            elif before is not None and str(nearest_step(before)) == step:
                figures[name] = before
            else:
                figures[name] = float(step)
        return figures
