from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...scoring import groups

PLACE = {"parent_id", "is_company"}
# The lists that a filter widens to the subsidiaries of a customer.
WIDENED = {
    "customer_success_interaction_action",
    "customer_success_barrier_action",
    "customer_success_renewal_action",
    "customer_success_objective_action",
}


class ResPartner(models.Model):
    """A customer in its group: the customers among the companies above and below it.

    A group counts and names only customers that are followed and that its reader may see, so two readers may see two
    groups. The stored path holds the companies above, whoever of them is a customer; it says nothing about them.
    """

    _inherit = "res.partner"

    success_group_path = fields.Char(
        "Path of the Group",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The ids of the companies from the topmost one down to this company, if there is a company above it.",
    )
    success_parent_id = fields.Many2one(
        "res.partner",
        "Belongs To",
        compute="_compute_success_parent_id",
        search="_search_success_parent_id",
        groups="base.group_user",
        help="The nearest company above that is a customer.",
    )
    success_subsidiary_ids = fields.One2many(
        "res.partner",
        compute="_compute_success_group",
        string="Subsidiaries",
        groups="base.group_user",
        help="The customers that belong to this one, without those that belong to them.",
    )
    success_group_ids = fields.One2many(
        "res.partner",
        compute="_compute_success_group",
        search="_search_success_group_ids",
        string="Customers of the Group",
        groups="base.group_user",
        help="This customer and the customers below it, at any depth; empty if there are none below it.",
    )
    success_group_size = fields.Integer(
        "Customers in the Group", compute="_compute_success_group", groups="base.group_user"
    )

    # The companies below another one are a range of this index.
    _success_group_idx = models.Index(
        "(success_group_path text_pattern_ops) WHERE success_group_path IS NOT NULL"
    )

    def init(self):
        """Write the paths of the companies that were there before this addon."""
        result = super().init()
        self.env.cr.execute(
            SQL(
                groups.WRITE_PATHS,
                ids=SQL(
                    """ARRAY(SELECT id FROM res_partner
                              WHERE is_company AND parent_id IS NOT NULL AND success_group_path IS NULL)"""
                ),
            )
        )
        return result

    # ------------------------------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------------------------------

    @api.depends("success_group_path")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_success_parent_id(self):
        paths = {p: groups.companies(p._origin.id, p.success_group_path)[:-1] for p in self}
        above = {step for path in paths.values() for step in path}
        shown = set(self._success_shown(Domain("id", "in", list(above)))) if above else set()
        for partner, path in paths.items():
            nearest = [step for step in path if step in shown][-1:]
            partner.success_parent_id = self.browse(nearest)

    def _search_success_parent_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_parent_id")
        with_parent = {id_: parent for id_, parent in self._success_parents() if parent}
        asked = {id_ for id_ in value if id_}
        found = Domain("id", "in", [id_ for id_, parent in with_parent.items() if parent in asked])
        return found if asked == set(value) else found | Domain("id", "not in", list(with_parent))

    @api.depends("success_stage_id", "success_group_path")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_success_group(self):
        members = self._success_group_members()
        for partner in self:
            paths = members.get(partner._origin.id, {})
            below = [
                id_
                for id_, path in paths.items()
                if groups.nearest(id_, path, {partner._origin.id, *paths}) == partner._origin.id
            ]
            partner.success_group_ids = self.browse(paths)
            partner.success_subsidiary_ids = self.browse(below)
            partner.success_group_size = len(paths)

    def _search_success_group_ids(self, operator, value):
        """Search the customers that head a group, or one with a given customer."""
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_group_ids")
        heads = {}
        for id_, path in self._success_shown_paths(Domain("success_group_path", "!=", False)):
            for step in groups.companies(id_, path):
                heads.setdefault(step, set()).add(id_)
        with_others = [step for step, below in heads.items() if below != {step}]
        asked = {id_ for id_ in value if id_}
        found = Domain(
            "id", "in", [head for head in with_others if asked & {head, *heads[head]}]
        ) & Domain("success_stage_id", "!=", False)
        return found if asked == set(value) else found | Domain("id", "not in", with_others)

    # ------------------------------------------------------------------------------------------
    # The customers of a group, as far as the reader may see them
    # ------------------------------------------------------------------------------------------

    @api.model
    def _success_group_domain(self, in_sales=False):
        """Return the domain of the customers that groups count and name for this reader.

        Members of the customer success team who follow their own customers see those. Other employees see headlines of
        all customers, as on their contacts, and so do salespeople ``in_sales`` if they also follow customers. Record
        rules and companies hold for everybody.
        """
        followed = Domain("success_is_followed", "=", True)
        user = self.env.user
        if in_sales and user.has_group("sales_team.group_sale_salesman"):
            return followed
        if user.has_group("customer_success.group_success_user"):
            return followed & self._get_success_own_domain()
        return followed

    def _success_shown_query(self, domain, in_sales=False):
        """Return the query of these customers without those that the reader may not see, also if the code runs as sudo."""
        readers = self.sudo(False)
        return readers._search(readers._success_group_domain(in_sales) & domain)

    def _success_shown(self, domain, in_sales=False):
        """Return the ids of these customers that the reader may see."""
        return self._success_shown_query(domain, in_sales).get_result_ids()

    def _success_shown_paths(self, domain, in_sales=False):
        """Return ``[(id, path)]`` of these customers that the reader may see."""
        query = self._success_shown_query(domain, in_sales)
        return self.env.execute_query(
            query.select(
                SQL.identifier(query.table, "id"),
                self._field_to_sql(query.table, "success_group_path", query),
            )
        )

    def _success_group_members(self, in_sales=False):
        """Return ``{id: {id: path}}`` of the customers in the group below each of these, itself included.

        Companies that are no customers have no group, and customers without others below them neither. It takes one
        query, whatever the number of groups and their size.
        """
        heads = {head.id: head.success_group_path for head in self._origin if head.success_stage_id}
        if not heads:
            return {}
        first, stop = zip(*(groups.bounds(*head) for head in heads.items()), strict=True)
        below = SQL(f"({groups.BELOW})", first=list(first), stop=list(stop))
        found = self._success_shown_paths(
            Domain("id", "in", list(heads)) | Domain("id", "in", below), in_sales
        )
        members = {}
        for id_, path in found:
            for step in groups.companies(id_, path):
                if step in heads:
                    members.setdefault(step, {})[id_] = path
        return {head: paths for head, paths in members.items() if paths.keys() - {head}}

    def _success_parents(self):
        """Return ``[(id, id of the customer it belongs to)]`` of all customers that have a company above."""
        rows = self._success_shown_paths(Domain("success_group_path", "!=", False))
        above = {step for id_, path in rows for step in groups.companies(id_, path)}
        shown = set(self._success_shown(Domain("id", "in", list(above)))) if above else set()
        return [(id_, groups.nearest(id_, path, shown)) for id_, path in rows]

    def _success_tops(self, in_sales=False):
        """Return ``{company: (the topmost customer of its group, ids of the group)}`` of those that do not stand alone.

        The companies may be no customers themselves, such as a subsidiary that sales talks to.
        """
        paths = {one: groups.companies(one.id, one.success_group_path) for one in self._origin}
        steps = {step for path in paths.values() for step in path}
        if not steps:
            return {}
        shown = set(self._success_shown(Domain("id", "in", list(steps)), in_sales))
        tops = {
            one: next((step for step in path if step in shown), 0) for one, path in paths.items()
        }
        members = self.browse(filter(None, tops.values()))._success_group_members(in_sales)
        return {
            one: (self.browse(top), list(members.get(top, [top])))
            for one, top in tops.items()
            if top and (top != one.id or top in members)
        }

    @api.model
    def _success_group_tops(self):
        """Return the SQL of ``id, top_id`` for all customers that belong to a group of more than one."""
        own = self._success_shown_query(Domain("success_group_path", "!=", False))
        shown = self._success_shown_query(Domain.TRUE)
        return SQL(
            groups.TOPS,
            subsidiaries=own.select(
                SQL.identifier(own.table, "id"),
                self._field_to_sql(own.table, "success_group_path", own),
            ),
            customers=shown.select(),
        )

    # ------------------------------------------------------------------------------------------
    # CRUD: the path
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals.pop("success_group_path", None)
        partners = super().create(vals_list)
        partners.filtered(lambda p: p.is_company and p.parent_id)._write_success_paths()
        return partners

    def write(self, vals):
        if not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "success_group_path"}
        moves = PLACE & vals.keys()  # Odoo empties vals
        result = super().write(vals)
        if moves:
            self._write_success_paths()
        return result

    def unlink(self):
        below = (
            self.sudo()
            .with_context(active_test=False)
            .search([("parent_id", "in", self.ids), ("id", "not in", self.ids)])
        )
        result = super().unlink()
        below._write_success_paths()
        return result

    def _write_success_paths(self):
        """Write the paths of these companies and of all companies below them, with one statement."""
        if not self:
            return
        self.flush_model(["parent_id", "is_company", "commercial_partner_id"])
        self.env.cr.execute(SQL(groups.WRITE_PATHS, ids=self.ids))
        self.invalidate_model(
            [name for name in self._fields if name.startswith("success_group_")]
            + ["success_parent_id", "success_subsidiary_ids"]
        )

    # ------------------------------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------------------------------

    def _action_success(self, xmlid, **context):
        """Let the lists of a customer that heads a group be widened to its subsidiaries."""
        action = super()._action_success(xmlid, **context)
        if xmlid not in WIDENED or not self.success_group_size:
            return action
        is_wide = self.env.context.get("success_with_subsidiaries")
        action["domain"] = list(
            Domain("partner_id", "=", self.id)
            | (
                Domain("partner_id.success_group_path", "=like", self._success_prefix() + "%")
                & Domain("partner_id.success_is_followed", "=", True)
            )
        )
        action["context"] |= {
            "success_group": self.id,
            f"search_default_{'with_subsidiaries' if is_wide else 'this_company'}": 1,
        }
        return action

    def _success_prefix(self):
        self.ensure_one()
        return groups.prefix(self.id, self.success_group_path)

    def action_success_group(self):
        """Open the tree of the whole group to which this customer belongs."""
        self.ensure_one()
        top, _members = self._success_tops().get(self, (self, []))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.res_partner_action_success_group"
        )
        within = Domain("id", "=", top.id) | Domain(
            "success_group_path", "=like", top._success_prefix() + "%"
        )
        action["domain"] = list(within & self._success_group_domain())
        action["context"] = {}
        return action
