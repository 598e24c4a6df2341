from odoo import api, fields, models
from odoo.exceptions import UserError

from .likelihood import Likelihood

NUMBERS = ("licensed_users", "active_users")


class CustomerSuccessUsage(models.Model):
    """The question about numbers of users that are hard to believe, in forms and in Odoo's own import."""

    _inherit = "customer.success.usage"

    doubt = fields.Char("Hard to Believe", compute="_compute_doubt")
    confirmed = fields.Boolean(
        "The Figures Are Right",
        store=False,
        copy=False,
        help="Confirms a number of users that is more than ten times the licences or the customer's past.",
    )

    @api.depends("partner_id", "product_id", *NUMBERS)
    @api.depends_context("lang")
    def _compute_doubt(self):
        """Say why the numbers in a form are hard to believe, unless they stand already; one query for each record."""
        for usage in self:
            stands = usage._origin or usage.standing_id
            entered = any(usage[name] is not False for name in NUMBERS)
            same = stands and all(usage[name] == stands[name] for name in NUMBERS)
            usage.doubt = entered and not same and usage._doubt_of(usage._numbers())

    @api.onchange("partner_id", "product_id", *NUMBERS)
    def _onchange_numbers(self):
        """Ask again when another number is typed."""
        self.confirmed = False

    def _check_new(self, vals_list):
        result = super()._check_new(vals_list)
        self.flush_model()
        likelihood = Likelihood(self.env)
        asked = [
            (usage, usage._numbers())
            for usage, vals in zip(self, vals_list, strict=True)
            if not vals.get("confirmed")
        ]
        likelihood.learn([usage.partner_id.id for usage, _numbers in asked], without=self.ids)
        for usage, numbers in asked:
            if found := likelihood.doubt(usage.partner_id.id, usage.product_id.id, numbers):
                usage._refuse_unlikely(found[1])
        return result

    def _check_changes(self, vals):
        result = super()._check_changes(vals)
        changed = self.filtered(lambda usage: {*NUMBERS} & set(usage._changed(vals)))
        if vals.get("confirmed") or not changed:
            return result
        self.flush_model()
        likelihood = Likelihood(self.env)
        likelihood.learn(changed.partner_id.ids)
        for usage in changed:
            numbers = usage._numbers() | _known(
                {
                    name: self._fields[name].convert_to_cache(vals[name], usage)
                    for name in NUMBERS
                    if name in vals
                }
            )
            if found := likelihood.doubt(usage.partner_id.id, usage.product_id.id, numbers):
                usage._refuse_unlikely(found[1])
        return result

    def _doubt_of(self, numbers):
        self.ensure_one()
        if not self.partner_id._origin or not self.product_id._origin:
            return False
        likelihood = Likelihood(self.env)
        likelihood.learn(self.partner_id._origin.ids)
        found = likelihood.doubt(self.partner_id._origin.id, self.product_id._origin.id, numbers)
        return found and found[1]

    def _numbers(self):
        return _known({name: self[name] for name in NUMBERS})

    def _refuse_unlikely(self, why):
        raise UserError(
            self.env._(
                "%(customer)s, %(product)s: %(why)s If it is right, tick “The Figures Are Right”, or write yes in that column.",
                customer=self.partner_id.display_name,
                product=self.product_id.display_name,
                why=why,
            )
        )


def _known(numbers):
    """Return the numbers with ``None`` for what is unknown."""
    return {name: None if value is False else value for name, value in numbers.items()}
