from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tools import SQL


class ResPartner(models.Model):
    """Where a customer stands: its stage, every move, and the gates between the stages."""

    _inherit = "res.partner"

    success_stage_id = fields.Many2one(
        "customer.success.stage",
        "Adoption Stage",
        default=lambda self: self._default_success_stage_id(),
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        group_expand="_group_expand_success_stage_id",
        groups="base.group_user",
    )
    success_stage_date = fields.Date(
        "In Stage Since", readonly=True, copy=False, groups="base.group_user"
    )
    success_stage_days = fields.Integer(
        "Days in Stage", compute="_compute_success_stage_days", groups="base.group_user"
    )
    success_stage_expected_days = fields.Integer(
        related="success_stage_id.expected_days", string="Expected Days", groups="base.group_user"
    )
    success_stage_phase = fields.Selection(
        related="success_stage_id.phase", string="Phase", groups="base.group_user"
    )
    success_stage_guidance = fields.Text(
        related="success_stage_id.description", string="Guidance", groups="base.group_user"
    )
    success_is_stalled = fields.Boolean(
        "Stalled",
        compute="_compute_success_is_stalled",
        search="_search_success_is_stalled",
        groups="base.group_user",
        help="Longer in its stage than customers usually are.",
    )
    success_stage_move_ids = fields.One2many(
        "customer.success.stage.move",
        "partner_id",
        "Stage Moves",
        groups="customer_success.group_success_user",
    )

    @api.model
    def _default_success_stage_id(self):
        """A company made from one of our lists is a customer from the start; its contacts are not."""
        context = self.env.context
        if context.get("success_new_customer") and not context.get("default_parent_id"):
            return self.env["customer.success.stage"].search(fields.Domain.TRUE, limit=1)
        return False

    # ------------------------------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------------------------------

    @api.model
    def _group_expand_success_stage_id(self, stages, domain):
        return stages.search(fields.Domain.TRUE)

    @api.depends("success_stage_date")
    def _compute_success_stage_days(self):
        today = fields.Date.context_today(self)
        for partner in self:
            since = partner.success_stage_date
            partner.success_stage_days = (today - since).days if since else 0

    @api.depends("success_stage_date", "success_stage_id.expected_days")
    def _compute_success_is_stalled(self):
        for partner in self:
            expected = partner.success_stage_id.expected_days
            partner.success_is_stalled = 0 < expected < partner.success_stage_days

    def _search_success_is_stalled(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_is_stalled")
        self.flush_model(["success_stage_id", "success_stage_date"])
        self.env["customer.success.stage"].flush_model(["expected_days"])
        stalled = SQL(
            """(SELECT partner.id
                  FROM res_partner partner
                  JOIN customer_success_stage stage ON stage.id = partner.success_stage_id
                 WHERE stage.expected_days > 0
                   AND partner.success_stage_date + stage.expected_days < %s)""",
            fields.Date.context_today(self),
        )
        return [("id", "in" if True in value else "not in", stalled)]

    # ------------------------------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------------------------------

    @api.constrains("success_stage_id", "parent_id", "is_company")
    def _check_success_commercial(self):
        for partner in self:
            if partner.success_stage_id and partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(company)s. Follow the adoption of the "
                        "company, not of its people.",
                        contact=partner.name,
                        company=partner.commercial_partner_id.name,
                    )
                )

    @api.constrains("success_stage_id", "success_go_live_date")
    def _check_success_go_live_date(self):
        today = fields.Date.context_today(self)
        for partner in self:
            live = partner.success_go_live_date
            if partner.success_stage_id.phase == "after" and live and live > today:
                raise ValidationError(
                    self.env._(
                        "%(customer)s cannot stand in “%(stage)s” while its go-live is still to come. "
                        "Correct the go-live date, or choose a stage before it.",
                        customer=partner.name,
                        stage=partner.success_stage_id.name,
                    )
                )

    # ------------------------------------------------------------------------------------------
    # Moving from stage to stage
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create([self._without_stage_date(vals) for vals in vals_list])
        customers = partners.filtered("success_stage_id")
        entered = customers.filtered(lambda partner: not partner.success_stage_date)
        entered.sudo().success_stage_date = fields.Date.context_today(self)
        customers._log_success_moves({})
        return partners

    def write(self, vals):
        vals = self._without_stage_date(vals)
        if "success_stage_id" in vals and not vals["success_stage_id"]:
            followed = self.filtered("success_stage_id")
            before = {p: (p.success_stage_id, p.success_stage_date) for p in followed}
            result = super().write({**vals, "success_stage_date": False})
            followed._log_success_moves(before)
            return result
        if not vals.get("success_stage_id"):
            return super().write(vals)
        self._check_success_facts(vals)
        stage = self.env["customer.success.stage"].browse(vals["success_stage_id"])
        moving = self.filtered(lambda partner: partner.success_stage_id != stage)
        moving._check_success_moves(stage)
        before = {p: (p.success_stage_id, p.success_stage_date) for p in moving}
        # Those that enter the stage do so today; those that stand in it already stay as long.
        if staying := self - moving:
            super(ResPartner, staying).write(vals)
        if moving:
            entered = {"success_stage_date": fields.Date.context_today(self), **vals}
            super(ResPartner, moving).write(entered)
            moving._log_success_moves(before)
        return True

    @api.model
    def _without_stage_date(self, vals):
        """The day on which a stage was entered is when it was entered: only the system says otherwise."""
        if self.env.su or "success_stage_date" not in vals:
            return vals
        return {name: value for name, value in vals.items() if name != "success_stage_date"}

    def _log_success_moves(self, before):
        """Keep each move for good: from where, after how many days, and by whom."""
        nowhere = (self.env["customer.success.stage"], False)
        today = fields.Date.context_today(self)
        moves = []
        for partner in self.sudo():
            stage, since = before.get(partner, nowhere)
            date = partner.success_stage_date or today
            moves.append(
                {
                    "partner_id": partner.id,
                    "from_stage_id": stage.id,
                    "stage_id": partner.success_stage_id.id,
                    "date": date,
                    "user_id": self.env.uid,
                    "days": since and max(0, (date - since).days),
                }
            )
        self.env["customer.success.stage.move"].sudo().create(moves)

    def _check_success_moves(self, stage):
        """Refuse a move through a closed gate, or back without a reason, and lead to the way out.

        The first stage of a customer is free: a book that is brought in stands where it stands. So is
        what the system does itself, such as the move that the wizard has checked.
        """
        if self.env.su:
            return
        for partner in self:
            if obstacle := partner._success_move_obstacle(stage):
                raise RedirectWarning(
                    obstacle,
                    self.env.ref("customer_success.customer_success_move_action").id,
                    self.env._("See what is missing"),
                    {"default_partner_id": partner.id, "default_stage_id": stage.id},
                )

    def _success_move_obstacle(self, stage):
        """Why this customer cannot simply move to ``stage``, in words; empty when it can."""
        self.ensure_one()
        if not stage.active:
            return self.env._("“%s” is archived: no customer enters it anymore.", stage.name)
        current = self._success_known_stage()
        if current and current._is_after(stage):
            return self.env._(
                "Moving %(customer)s back from “%(old)s” to “%(new)s” needs a reason.",
                customer=self.name,
                old=current.name,
                new=stage.name,
            )
        gates = self._closed_success_gates(stage) if current else {}
        return gates and self.env._(
            "%(customer)s cannot move on to “%(new)s” yet:\n%(gates)s",
            customer=self.name,
            new=stage.name,
            gates="\n".join(f"- {text}" for text in gates.values()),
        )

    def _success_known_stage(self):
        """The stage a customer stands in, or stood in when following it was stopped; empty for a new one."""
        self.ensure_one()
        last = self.sudo().success_stage_move_ids.sorted("id")[-1:]
        return self.success_stage_id or last.from_stage_id

    def action_success_stop(self):
        """Stop following these companies; what was recorded about them is kept."""
        self.success_stage_id = False

    def action_success_move(self, stage_id):
        """Move this customer to a stage, or return the dialog that says what that still takes."""
        self.ensure_one()
        self._check_success_facts({"success_stage_id": stage_id})
        stage = self.env["customer.success.stage"].browse(stage_id).exists()
        if not stage:
            raise UserError(self.env._("This stage is no longer there; reload the page."))
        if not self._success_move_obstacle(stage):
            self.success_stage_id = stage
            return False
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_move_action"
        )
        action["context"] = {"default_partner_id": self.id, "default_stage_id": stage.id}
        return action

    def _closed_success_gates(self, stage):
        """What must still become true before this customer may stand in ``stage``, ``{gate: text}``.

        The gates of all stages passed on the way count, so that none is evaded by skipping a stage.
        """
        self.ensure_one()
        passed = self._success_known_stage()._between(stage)
        return self.sudo()._success_closed_gates(passed)

    def _success_closed_gates(self, passed):
        """Return ``{gate: text}`` of what keeps this customer from passing these stages.

        Each wing adds what its own gates ask for.
        """
        self.ensure_one()
        return {}
