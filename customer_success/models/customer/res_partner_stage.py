from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...scoring import stages


class ResPartner(models.Model):
    """The stage of a customer, its moves, and the gates between stages."""

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
    success_is_followed = fields.Boolean(
        "Followed",
        compute="_compute_success_is_followed",
        search="_search_success_is_followed",
        groups="base.group_user",
        help="The company has an adoption stage, is not archived and is no former customer. What is open at other companies "
        "counts nowhere.",
    )
    success_stage_date = fields.Date(
        "In Stage Since", readonly=True, copy=False, groups="base.group_user"
    )
    success_stage_days = fields.Integer(
        "Days in Stage", compute="_compute_success_stage_days", groups="base.group_user"
    )
    success_stage_expected_days = fields.Integer(
        "Expected Days",
        compute="_compute_success_stage_expected_days",
        groups="base.group_user",
        help="The days that the stage usually takes, by the percentages of the customer's segment and environment.",
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
        help="The customer has been in its stage for longer than the expected number of days.",
    )
    success_stage_move_ids = fields.One2many(
        "customer.success.stage.move",
        "partner_id",
        "Stage Moves",
        groups="customer_success.group_success_user",
    )

    @api.model
    def _default_success_stage_id(self):
        """Return the first stage for a company created from our lists; its contacts get none."""
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

    @api.depends("success_stage_id", "active", "success_former_date")
    def _compute_success_is_followed(self):
        for partner in self:
            partner.success_is_followed = (
                partner.active
                and bool(partner.success_stage_id)
                and not partner.success_former_date
            )

    def _search_success_is_followed(self, operator, value):
        """Search the customers that lists, reports and the dashboard count; ``scoring/followed.py`` is the same in SQL."""
        if operator != "in":
            return NotImplemented
        followed = (
            Domain("success_stage_id", "!=", False)
            & Domain("active", "=", True)
            & Domain("success_former_date", "=", False)
        )
        return followed if True in value else ~followed

    @api.depends("success_stage_date")
    def _compute_success_stage_days(self):
        today = fields.Date.context_today(self)
        for partner in self:
            since = partner.success_stage_date
            partner.success_stage_days = (today - since).days if since else 0

    @api.depends(
        "success_stage_id.expected_days",
        "success_segment_id.expected_days",
        "success_stage_percent",
    )
    def _compute_success_stage_expected_days(self):
        for partner in self:
            segment = partner.success_segment_id.sudo()
            partner.success_stage_expected_days = stages.expected_days(
                partner.success_stage_id.expected_days,
                segment.expected_days if segment else None,
                partner.success_stage_percent,
            )

    @api.depends("success_stage_date", "success_stage_expected_days", "success_former_date")
    def _compute_success_is_stalled(self):
        for partner in self:
            expected = partner.success_stage_expected_days
            partner.success_is_stalled = (
                not partner.success_former_date and 0 < expected < partner.success_stage_days
            )

    def _search_success_is_stalled(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_success_field("success_is_stalled")
        self.flush_model(
            [
                "success_stage_id",
                "success_stage_date",
                "success_segment_id",
                "success_stage_percent",
                "success_former_date",
            ]
        )
        self.env["customer.success.stage"].flush_model(["expected_days"])
        self.env["customer.success.segment"].flush_model(["expected_days"])
        stalled = SQL(
            """(SELECT p.id
                  FROM res_partner p
                  JOIN customer_success_stage stage ON stage.id = p.success_stage_id
             %(join)s
                 WHERE stage.expected_days > 0
                   AND p.success_former_date IS NULL
                   AND p.success_stage_date + %(expected)s < %(today)s)""",
            join=SQL(stages.JOIN_SEGMENT),
            expected=SQL(stages.EXPECTED_DAYS),
            today=fields.Date.context_today(self),
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
                        "%(contact)s is a contact of %(company)s. Set the adoption stage on the "
                        "company, not on its contacts.",
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
                        "%(customer)s cannot be in “%(stage)s” before its go-live date. "
                        "Correct the go-live date, or choose a stage before go-live.",
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
        # Customers that enter the stage enter it today; those already in it keep their date.
        if staying := self - moving:
            super(ResPartner, staying).write(vals)
        if moving:
            entered = {"success_stage_date": fields.Date.context_today(self), **vals}
            super(ResPartner, moving).write(entered)
            moving._log_success_moves(before)
        return True

    @api.model
    def _without_stage_date(self, vals):
        """Return ``vals`` without the stage date, which only the system may set."""
        if self.env.su or "success_stage_date" not in vals:
            return vals
        return {name: value for name, value in vals.items() if name != "success_stage_date"}

    def _log_success_moves(self, before):
        """Record each move: the stage it came from, the days spent there, and the user.

        ``before`` is ``{customer: (stage, date)}`` of the customers that had a stage.
        """
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
                    "percent": since and partner.success_stage_percent,
                }
            )
        self.env["customer.success.stage.move"].sudo().create(moves)

    def _check_success_moves(self, stage):
        """Refuse a move through a closed gate or back without a reason, and offer the wizard.

        A customer without a stage may enter any, so that existing customers can be loaded where they
        are. Moves by the system are not checked, such as one that the wizard has already checked.
        """
        if self.env.su:
            return
        for partner in self:
            on_board = self.env.context.get("success_new_customer")
            asked = partner._success_move_asks(stage) if on_board else ""
            if obstacle := partner._success_move_obstacle(stage):
                button = self.env._("See what is missing")
            else:
                obstacle, button = asked, self.env._("Go on")
            if obstacle:
                raise RedirectWarning(
                    obstacle,
                    self.env.ref("customer_success.customer_success_move_action").id,
                    button,
                    {"default_partner_id": partner.id, "default_stage_id": stage.id},
                )

    def _success_move_obstacle(self, stage):
        """Return a text that says why this customer cannot move to ``stage``; empty if it can."""
        self.ensure_one()
        if not stage.active:
            return self.env._("“%s” is archived, so no customer can enter it.", stage.name)
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
            "%(customer)s cannot move to “%(new)s” yet:\n%(gates)s",
            customer=self.name,
            new=stage.name,
            gates="\n".join(f"- {text}" for text in gates.values()),
        )

    def _success_move_asks(self, stage):
        """Return a text that says what the dialog asks when this customer moves to ``stage``; wings extend it.

        It is empty if nothing is asked. The status bar opens the dialog at once; a card that is dragged on the board
        is offered it. Files and the API are not asked.
        """
        self.ensure_one()
        return ""

    def _success_known_stage(self):
        """Return the stage of a customer, or its last one if it is no longer followed; else empty."""
        self.ensure_one()
        last = self.sudo().success_stage_move_ids.sorted("id")[-1:]
        return self.success_stage_id or last.from_stage_id

    def action_success_stop(self):
        """Stop following these companies; keep all their records."""
        self.success_stage_id = False

    def action_success_move(self, stage_id):
        """Move this customer to a stage and return False, or return the dialog with what is missing."""
        self.ensure_one()
        self._check_success_facts({"success_stage_id": stage_id})
        stage = self.env["customer.success.stage"].browse(stage_id).exists()
        if not stage:
            raise UserError(self.env._("This stage no longer exists. Reload the page."))
        if not (self._success_move_obstacle(stage) or self._success_move_asks(stage)):
            self.success_stage_id = stage
            return False
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_move_action"
        )
        action["context"] = {"default_partner_id": self.id, "default_stage_id": stage.id}
        return action

    def _closed_success_gates(self, stage):
        """Return ``{gate: text}`` of what is missing before this customer may enter ``stage``.

        The gates of all stages on the way count, so that skipping a stage does not evade its gates.
        """
        self.ensure_one()
        passed = self._success_known_stage()._between(stage)
        return self.sudo()._success_closed_gates(passed)

    def _success_closed_gates(self, passed):
        """Return ``{gate: text}`` of what keeps this customer from entering the stages ``passed``.

        Each wing adds the requirements of its own gates.
        """
        self.ensure_one()
        return {}
