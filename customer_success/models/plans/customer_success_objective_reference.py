import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

# A first word of a company's name that is shorter is no name by itself, such as "The".
LEAST_NAME = 4


class CustomerSuccessObjective(models.Model):
    """A result that the customer permits us to tell others about, with or without its name."""

    _inherit = "customer.success.objective"

    reference = fields.Selection(
        [("named", "With the Customer's Name"), ("anonymous", "Without the Customer's Name")],
        "May Be Told to Others",
        tracking=True,
        copy=False,
        help="Leave it empty unless the customer has permitted it. What is permitted is printed for new opportunities.",
    )
    reference_text = fields.Text(
        "Told As",
        tracking=True,
        copy=False,
        help="The words that the customer has agreed to. Nothing else of this objective is shown to others.",
    )
    reference_by_id = fields.Many2one(
        "res.partner",
        "Permitted By",
        domain="[('commercial_partner_id', '=', partner_id)]",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        help="The contact of the customer who permitted it.",
    )
    reference_date = fields.Date("Permitted On", tracking=True, copy=False)

    @api.constrains(
        "reference",
        "reference_text",
        "reference_by_id",
        "reference_date",
        "partner_id",
        "state",
    )
    def _check_reference(self):
        for objective in self.filtered("reference"):
            if problem := objective._reference_problem():
                raise ValidationError(problem)

    def _reference_problem(self):
        """Return why this result must not be told to others, as a sentence; an empty text if it may."""
        self.ensure_one()
        words = {"objective": self.name, "customer": self.partner_id.display_name}
        if self.state != "confirmed":
            return self.env._(
                "“%(objective)s” is not confirmed by %(customer)s, so it cannot be told to others. Empty “May Be Told "
                "to Others”, or have it confirmed first.",
                **words,
            )
        if not (self.reference_text or "").strip():
            return self.env._(
                "Write in which words “%(objective)s” may be told: those that %(customer)s agreed to.",
                **words,
            )
        if self.reference_by_id.commercial_partner_id != self.partner_id:
            return self.env._("Set who at %(customer)s permitted it.", **words)
        if not self.reference_date or self.reference_date > fields.Date.context_today(self):
            return self.env._("Set the day on which %(customer)s permitted it.", **words)
        if self.reference == "anonymous" and (told := self._reference_name()):
            return self.env._(
                "The words name “%(name)s”, but %(customer)s permitted them without its name only. Write them without it.",
                name=told,
                **words,
            )
        return ""

    def _reference_name(self):
        """Return the name of the customer or of one of its people that stands in the words, or an empty text."""
        names = [self.partner_id.name or ""]
        names += self.partner_id.child_ids.mapped("name")
        first = names[0].split(" ", 1)[0].strip(",.")
        if len(first) >= LEAST_NAME:
            names.append(first)
        text = self.reference_text or ""
        for name in filter(None, names):
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
                return name
        return ""

    @api.onchange("reference")
    def _onchange_reference(self):
        if self.reference:
            self.reference_date = self.reference_date or fields.Date.context_today(self)
            self.reference_by_id = self.reference_by_id or self.confirmed_by_id

    # ------------------------------------------------------------------------------------------
    # References for a new opportunity
    # ------------------------------------------------------------------------------------------

    @api.model
    def _references_for(self, customer, company, limit=5):
        """Return ``[(is like, text)]`` of permitted results for a possible customer, those of similar customers first.

        Customers are alike if they are in the same industry or, where one of them has none, in the same country.
        This runs in sudo: what is returned is what the customers permitted, and nothing else.
        """
        found = self.sudo().search(
            [
                ("reference", "!=", False),
                ("state", "=", "confirmed"),
                ("partner_id", "!=", customer.id),
                ("partner_id.success_is_followed", "=", True),
                ("partner_id.company_id", "in", [False, company.id]),
            ],
            order="confirmed_date desc, id desc",
        )
        rows = [
            (objective._is_like(customer), objective._told_reference())
            for objective in found
            if not objective._reference_problem()
        ]
        return sorted(rows, key=lambda row: not row[0])[:limit]

    def _is_like(self, customer):
        """Return whether the customer of this objective is like another company."""
        ours, theirs = self.partner_id, customer
        if ours.industry_id and theirs.industry_id:
            return ours.industry_id == theirs.industry_id
        return bool(ours.country_id) and ours.country_id == theirs.country_id

    def _told_reference(self):
        """Return who says it, in the words that were permitted, and since when."""
        customer = self.partner_id
        if self.reference == "named":
            who = customer.name
        elif customer.industry_id:
            who = self.env._("A customer, %s", customer.industry_id.name)
        else:
            who = self.env._("A customer")
        return {
            "who": who,
            "text": self.reference_text.strip(),
            "on": format_date(self.env, self.confirmed_date, date_format="MMM yyyy"),
        }
