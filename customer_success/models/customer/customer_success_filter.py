from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..common.customer_success_job import BAD

# Errors of a filter that cannot be read or searched by.
UNUSABLE = (
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    UserError,
)


class CustomerSuccessFilter(models.AbstractModel):
    """A saved filter over customers, in an order: the first that fits a customer counts."""

    _name = "customer.success.filter"
    _description = "Ordered Filter over Customers"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    domain = fields.Char("Customers That Fit", required=True, default="[]")

    @api.model
    def _dependent_fields(self):
        """Return the fields of a customer that depend on the result, by which no filter can be defined."""
        return set()

    def _says_dependent(self, label):
        """Return why a filter cannot use a field of :meth:`_dependent_fields`."""
        return self.env._("“%s” depends on this list itself", label)

    def _followed(self):
        """Return the domain of the customers among which the filter is applied."""
        return Domain("success_is_followed", "=", True)

    def _fits(self):
        """Return the domain of the customers that fit; raise an error of ``UNUSABLE`` if it has none."""
        self.ensure_one()
        partners = self.env["res.partner"]
        domain = Domain(literal_eval((self.domain or "[]").strip()))
        domain.validate(partners)
        for condition in domain.iter_conditions():
            name = condition.field_expr.split(".")[0]
            if name in self._dependent_fields():
                label = partners._fields[name]._description_string(self.env)
                raise UserError(self._says_dependent(label))
        return self._followed() & domain

    def _problem(self):
        """Return why the filter cannot be used, as a sentence; an empty text if it can."""
        self.ensure_one()
        partners = self.env["res.partner"].sudo()
        try:
            with self.env.cr.savepoint():
                partners.search_count(self.sudo()._fits(), limit=1)
        except AccessError as error:
            return str(error)
        except (*UNUSABLE, *BAD) as error:
            return self.env._(
                "The filter of “%(name)s” cannot be used: %(reason)s.",
                name=self.name or "",
                reason=str(error).split("\n", 1)[0].rstrip("."),
            )
        return ""

    @api.constrains("domain", "company_id")
    def _check_domain(self):
        for record in self:
            if problem := record._problem():
                raise ValidationError(problem)

    def _earlier(self):
        """Return the usable filters that are asked before this one."""
        own = self._origin.id
        others = self.search([("id", "!=", own)])
        return others.filtered(
            lambda other: (
                (other.sequence, other.id) < (self.sequence, own or float("inf"))
                and not other._problem()
            )
        )
