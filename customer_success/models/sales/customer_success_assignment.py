import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..common.customer_success_job import BAD
from ..customer.customer_success_filter import UNUSABLE

_logger = logging.getLogger(__name__)


class CustomerSuccessAssignment(models.Model):
    """A rule that says who follows a new customer: the first rule that fits decides.

    The CSM of the sales team that won goes before all rules. A user who is archived, has left the customer success
    team or does not work in the company of the sale is passed over. If nobody is left, the customer has no CSM, and is
    shown as such until somebody sets one.
    """

    _name = "customer.success.assignment"
    _inherit = "customer.success.filter"
    _description = "Assignment Rule"

    name = fields.Char("Rule")
    company_id = fields.Many2one(
        help="The rule counts for sales of this company only. Leave it empty for all companies."
    )
    domain = fields.Char(help="If several rules fit a customer, the first one in the list decides.")
    user_ids = fields.Many2many(
        "res.users",
        "customer_success_assignment_user_rel",
        "assignment_id",
        "user_id",
        "CSMs",
        help="One of these follows the new customer.",
    )
    method = fields.Selection(
        [("least", "The One with the Fewest Customers"), ("turns", "In Turns")],
        "Among Several",
        required=True,
        default="least",
    )
    last_user_id = fields.Many2one("res.users", "Last Turn", readonly=True, copy=False)
    explanation = fields.Text("How It Decides", compute="_compute_explanation")

    # ------------------------------------------------------------------------------------------
    # In words
    # ------------------------------------------------------------------------------------------

    @api.depends("domain", "sequence", "active", "company_id", "user_ids", "method")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for rule in self:
            rule.explanation = "\n".join(rule._explanation_lines())

    def _explanation_lines(self):
        """Return what is wrong with the rule, which earlier one decides instead, and who gets the next customer."""
        self.ensure_one()
        _ = self.env._
        if problem := self._problem():
            return [problem, _("While this is so, the rule is passed over.")]
        partners = self.env["res.partner"].sudo()
        fits = self._fits()
        lines = [_("Customers that fit today: %d.", partners.search_count(fits))]
        earlier = self._earlier().filtered(
            lambda other: not other.company_id or other.company_id == self.company_id
        )
        if earlier and (
            taken := partners.search_count(fits & Domain.OR(other._fits() for other in earlier))
        ):
            lines.append(
                _(
                    "Of these, an earlier rule (%(earlier)s) decides: %(taken)d.",
                    earlier=", ".join(earlier.mapped("name")),
                    taken=taken,
                )
            )
        everybody = self.with_context(active_test=False).user_ids._origin
        problems = {user: self._why_not(user, self.company_id) for user in everybody}
        lines += filter(None, problems.values())
        able = everybody.filtered(lambda user: not problems[user])
        lines.append(
            _("The next customer goes to %s.", self._next(able).name)
            if able
            else _("Nobody is left, so the rule is passed over.")
        )
        return lines

    @api.model
    def _why_not(self, user, company, customer=None):
        """Return why a user cannot follow customers of a company, as a sentence; an empty text if they can."""
        user = user.sudo()
        if not user:
            return ""
        if not user.active:
            return self.env._("%s is archived. Choose somebody else.", user.name)
        if user.share or not user.has_group("customer_success.group_success_user"):
            return self.env._(
                "%s does not belong to the customer success team. Choose somebody who does.",
                user.name,
            )
        owner = customer.company_id if customer else company
        for needed in filter(None, (company, owner)):
            if needed not in user.company_ids:
                return self.env._(
                    "%(user)s does not work in %(company)s. Choose somebody who does.",
                    user=user.name,
                    company=needed.sudo().name,
                )
        return ""

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.model
    def _dependent_fields(self):
        """Return the fields of a customer that depend on the rule itself."""
        return {"success_user_id", "success_nobody_since"}

    def _followed(self):
        followed = super()._followed()
        if self.company_id:
            followed &= Domain("company_id", "in", [False, self.company_id.id])
        return followed

    @api.constrains("user_ids", "company_id")
    def _check_users(self):
        for rule in self:
            if not rule.user_ids:
                raise ValidationError(
                    self.env._(
                        "Choose at least one CSM who follows the customers of “%s”.", rule.name
                    )
                )
            for user in rule.user_ids:
                if problem := self._why_not(user, rule.company_id):
                    raise ValidationError(problem)

    # ------------------------------------------------------------------------------------------
    # Who follows a new customer
    # ------------------------------------------------------------------------------------------

    @api.model
    def _csm_of(self, customer, company, team=None):
        """Return the user who follows a new customer, or none: the CSM of the team, else by the first rule that fits."""
        rules = self.sudo()
        if team and team.sudo().success_user_id:
            csm = team.sudo().success_user_id
            if not self._why_not(csm, company, customer):
                return csm
        for rule in rules.search([("company_id", "in", [company.id, False])]):
            able = rule.user_ids.filtered(lambda user: not self._why_not(user, company, customer))
            if able and rule._holds(customer):
                csm = rule._next(able)
                rule.last_user_id = csm
                return csm
        return self.env["res.users"].sudo()

    def _holds(self, customer):
        """Return whether the rule fits a customer; a filter that cannot be used fits nobody, and stops no sale."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                among = Domain("id", "=", customer.id)
                return bool(self.env["res.partner"].sudo().search_count(self._fits() & among))
        except (*UNUSABLE, *BAD) as error:
            _logger.warning("The filter of assignment rule %s cannot be used: %s", self.id, error)
            return False

    def _next(self, able):
        """Return the user among these whose turn it is, or who follows the fewest customers."""
        self.ensure_one()
        if self.method == "turns":
            order = self.with_context(active_test=False).user_ids._origin.ids
            last = order.index(self.last_user_id.id) if self.last_user_id.id in order else -1
            turns = [*order[last + 1 :], *order[: last + 1]]
            return able.sorted(lambda user: turns.index(user.id))[:1]
        customers = dict(
            self.env["res.partner"]
            .sudo()
            ._read_group(
                [("success_user_id", "in", able.ids), ("success_is_followed", "=", True)],
                ["success_user_id"],
                ["__count"],
            )
        )
        return min(able, key=lambda user: (customers.get(user, 0), user.id))
