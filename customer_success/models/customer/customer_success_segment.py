import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...scoring.followed import FOLLOWED
from ..common.customer_success_job import BAD
from .customer_success_filter import UNUSABLE

_logger = logging.getLogger(__name__)

# Customers that one statement assigns; a change of a segment assigns no more than these at once.
BATCH = 5_000


class CustomerSuccessSegment(models.Model):
    """A segment: an ordered filter over customers; the first segment that fits holds a customer.

    A person may set another one on the customer, which is kept. All others are assigned by one statement over all
    segments (:meth:`_assign`): when a customer starts to be followed, when a segment changes, and each night.
    """

    _name = "customer.success.segment"
    _inherit = "customer.success.filter"
    _description = "Segment of Customers"

    name = fields.Char("Segment")
    company_id = fields.Many2one(
        help="It holds customers of this company only. Leave it empty for all customers."
    )
    domain = fields.Char(
        help="If several segments fit a customer, the first one in the list holds it."
    )
    rhythm_days = fields.Integer(
        "Rhythm (Days)",
        help="The longest time without a conversation. Use 0 for the rhythm of the stage. A rhythm of the customer itself goes first.",
    )
    expected_days = fields.Integer(
        "Expected Days (% of the Stage's)",
        required=True,
        default=100,
        help="The percentage of the days that a stage usually takes: 200 for customers that need twice as long.",
    )
    customer_count = fields.Integer("Customers", compute="_compute_customer_count")
    explanation = fields.Text("What It Holds", compute="_compute_explanation")

    _check_rhythm_days = models.Constraint(
        "CHECK(rhythm_days BETWEEN 0 AND 3650)", "The rhythm must be between 0 and 3650 days."
    )
    _check_expected_days = models.Constraint(
        "CHECK(expected_days BETWEEN 10 AND 1000)",
        "The expected days of a segment must be between 10 and 1000 % of those of the stage.",
    )

    def _milder_than(self, other):
        """Return in which of its limits this segment is milder than another one, or than the usual rules, as labels."""
        self.ensure_one()
        found = []
        if self.expected_days > (other.expected_days or 100):
            found.append(self._fields["expected_days"]._description_string(self.env))
        if other.rhythm_days and self.rhythm_days > other.rhythm_days:
            found.append(self._fields["rhythm_days"]._description_string(self.env))
        return found

    # ------------------------------------------------------------------------------------------
    # What it holds, in words
    # ------------------------------------------------------------------------------------------

    def _count_customers(self, domain):
        """Count the customers of each of these segments, in one query."""
        held = Domain("success_segment_id", "in", self.ids) & Domain(
            "success_is_followed", "=", True
        )
        return dict(
            self.env["res.partner"]._read_group(held & domain, ["success_segment_id"], ["__count"])
        )

    def _compute_customer_count(self):
        counts = self._count_customers(Domain.TRUE)
        for segment in self:
            segment.customer_count = counts.get(segment._origin, 0)

    @api.depends("domain", "sequence", "active", "company_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for segment in self:
            segment.explanation = "\n".join(segment._explanation_lines())

    def _explanation_lines(self):
        """Return what the segment holds, what an earlier one holds instead, and what is wrong with its filter."""
        self.ensure_one()
        _ = self.env._
        if problem := self._problem():
            return [
                problem,
                _(
                    "While this is so, the segment keeps the customers that it has, and gets no others."
                ),
            ]
        partners = self.env["res.partner"]
        own = self._origin
        lines = [_("Customers in this segment: %d.", own.customer_count)]
        if by_hand := own._count_customers(Domain("success_segment_manual", "=", True)).get(own):
            lines.append(_("Set by hand on the customer: %d of these.", by_hand))
        fits = self._fits()
        if not partners.search_count(fits, limit=1):
            lines.append(_("No customer fits this filter."))
        earlier = self._earlier()
        if earlier and (
            taken := partners.search_count(fits & Domain.OR(other._fits() for other in earlier))
        ):
            lines.append(
                _(
                    "Customers that also fit an earlier segment (%(earlier)s), which holds them: %(taken)d.",
                    earlier=", ".join(earlier.mapped("name")),
                    taken=taken,
                )
            )
        if without := partners.search_count(self._nobody()):
            lines.append(
                _("Customers whom no segment fits, so that the usual rules hold: %d.", without)
            )
        return lines

    @api.model
    def _nobody(self):
        """Return the domain of the customers that no segment holds."""
        return Domain("success_is_followed", "=", True) & Domain("success_segment_id", "=", False)

    # ------------------------------------------------------------------------------------------
    # The filter
    # ------------------------------------------------------------------------------------------

    @api.model
    def _dependent_fields(self):
        """Return the fields of a customer that depend on its segment, by which no segment can be defined."""
        return {"success_segment_id", "success_segment_manual", "success_is_stalled"}

    def _says_dependent(self, label):
        return self.env._("“%s” depends on the segment itself", label)

    def _followed(self):
        followed = super()._followed()
        if self.company_id:
            followed &= Domain("company_id", "=", self.company_id.id)
        return followed

    # ------------------------------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        self._assign_all()
        return segments

    def write(self, vals):
        result = super().write(vals)
        if {"domain", "sequence", "active", "company_id"} & vals.keys():
            self._assign_all()
        return result

    def unlink(self):
        # Its customers go to another segment first, so that their history says where they were.
        self.filtered("active").active = False
        return super().unlink()

    def action_open_customers(self):
        """Open the customers of this segment."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.res_partner_action_success_all"
        )
        action["display_name"] = action["name"] = self.name
        action["domain"] = [
            ("success_is_followed", "=", True),
            ("success_segment_id", "=", self.id),
        ]
        return action

    # ------------------------------------------------------------------------------------------
    # Assigning
    # ------------------------------------------------------------------------------------------

    @api.model
    def _customer_ids(self):
        return (
            self.env["res.partner"]
            .sudo()
            .search([("success_stage_id", "!=", False)], order="id")
            .ids
        )

    @api.model
    def _assign_all(self):
        """Assign all customers at once if one statement is enough; else wake the job."""
        ids = self._customer_ids()
        if len(ids) <= BATCH:
            self._assign(ids)
        else:
            self.env.ref("customer_success.ir_cron_segments").sudo()._trigger()

    @api.model
    def _cron_assign(self):
        """Assign the segments of all customers, as time and facts make them fit others."""
        self.env["customer.success.job"]._walk(
            self._customer_ids(), self._assign, self._note_not_assigned, size=BATCH
        )

    @api.model
    def _note_not_assigned(self, partner_id, error):
        """Go on with the other customers."""
        _logger.warning("Customer %s gets no segment: %s", partner_id, error)

    @api.model
    def _assign(self, partner_ids):
        """Give each of these customers the first segment that fits, in one statement; return the ids of those that change.

        A segment that a person set is kept as long as it exists for the company of the customer. A segment whose
        filter cannot be used keeps its customers. A change from one segment to another is noted in the chatter, and
        asks for a new score.
        """
        if not partner_ids:
            return []
        partners = self.env["res.partner"].sudo()
        segments = self.sudo().with_context(active_test=True).search(Domain.TRUE)
        fitting = [
            segment._fitting(place, partner_ids) for place, segment in enumerate(segments)
        ] or [SQL("SELECT NULL::int, NULL::int, NULL::int WHERE FALSE")]
        partners.flush_model(
            [
                "success_segment_id",
                "success_segment_manual",
                "success_stage_id",
                "success_former_date",
                "company_id",
                "active",
            ]
        )
        self.flush_model(["active", "company_id"])
        changes = self.env.execute_query(
            SQL(
                """
                WITH fitting (partner_id, segment_id, place) AS (
                    %(fitting)s
                ),
                first AS (
                    SELECT DISTINCT ON (partner_id) partner_id, segment_id
                      FROM fitting
                  ORDER BY partner_id, place
                ),
                due AS (
                    SELECT p.id, p.success_segment_id AS before, first.segment_id AS after
                      FROM res_partner p
                 LEFT JOIN first ON first.partner_id = p.id
                 LEFT JOIN customer_success_segment held
                        ON held.id = p.success_segment_id
                       AND held.active
                       AND (held.company_id IS NULL OR held.company_id = p.company_id)
                     WHERE p.id = ANY(%(ids)s)
                       AND %(followed)s
                       AND (p.success_segment_manual IS NOT TRUE OR held.id IS NULL)
                       AND (p.success_segment_manual IS TRUE
                            OR p.success_segment_id IS DISTINCT FROM first.segment_id)
                  ORDER BY p.id
                       FOR UPDATE OF p
                )
                   UPDATE res_partner p
                      SET success_segment_id = due.after,
                          success_segment_manual = FALSE
                     FROM due
                    WHERE p.id = due.id
                RETURNING p.id, due.before, due.after
                """,
                followed=SQL(FOLLOWED),
                fitting=SQL("\nUNION ALL\n").join(SQL("(%s)", block) for block in fitting),
                ids=list(partner_ids),
            )
        )
        written = partners.browse(row[0] for row in changes)
        names = ["success_segment_id", "success_segment_manual"]
        written.invalidate_recordset(names, flush=False)
        written.modified(names)
        self._note_changes(
            {partner_id: (old, new) for partner_id, old, new in changes if old and old != new}
        )
        return written.ids

    @api.model
    def _fitting_segments(self, partner_ids):
        """Return ``{customer id: segments that fit, in their order}``; without segments, nothing."""
        segments = partner_ids and self.sudo().with_context(active_test=True).search(Domain.TRUE)
        if not segments:
            return {}
        blocks = []
        for place, segment in enumerate(segments):
            try:
                blocks.append(segment._fitting(place, partner_ids, keep=False))
            except UNUSABLE:  # its form says so
                continue
        try:
            with self.env.cr.savepoint():
                rows = blocks and self.env.execute_query(
                    SQL("\nUNION ALL\n").join(SQL("(%s)", block) for block in blocks)
                )
        except BAD:
            return {}
        found = {partner_id: [] for partner_id in partner_ids}
        for partner_id, segment_id, _place in sorted(rows, key=lambda row: row[2]):
            found[partner_id].append(segment_id)
        return {partner_id: segments.browse(ids) for partner_id, ids in found.items()}

    def _fitting(self, place, partner_ids, keep=True):
        """Return the SQL of the customers that fit, among these: ``(customer, segment, place in the order)``.

        A segment whose filter cannot be used fits the customers that it has; without ``keep`` it raises an error.
        """
        self.ensure_one()
        partners = self.env["res.partner"].sudo()
        among = Domain("id", "in", partner_ids)
        try:
            query = partners._search(self._fits() & among, bypass_access=True)
        except UNUSABLE as error:
            if not keep:
                raise
            _logger.warning("The filter of segment %s cannot be used: %s", self.id, error)
            query = partners._search(
                Domain("success_segment_id", "=", self.id) & among, bypass_access=True
            )
        return query.select(
            SQL.identifier(query.table, "id"), SQL("%s::int", self.id), SQL("%s::int", place)
        )

    @api.model
    def _note_changes(self, changes):
        """Note the change of each customer in its chatter, and ask for its score; ``{customer: (old, new)}`` by id."""
        if not changes:
            return
        partners = self.env["res.partner"].sudo().browse(changes)
        segments = self.sudo().browse({id_ for pair in changes.values() for id_ in pair if id_})
        names = {segment.id: segment.name for segment in segments.exists()}
        partners._message_log_batch(
            {
                partner_id: self.env._(
                    "Segment: %(old)s, now %(new)s",
                    old=names.get(old, "…"),
                    new=names.get(new) or self.env._("none"),
                )
                for partner_id, (old, new) in changes.items()
            }
        )
        self.env["customer.success.score.request"]._add(partners)
