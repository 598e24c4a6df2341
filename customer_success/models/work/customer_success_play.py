import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ...plays import evaluation
from ...plays.capability import GAPS
from ...plays.trigger import TRIGGERS
from ...scoring.followed import followed

_logger = logging.getLogger(__name__)

# The number of customers that are evaluated in one transaction.
EVALUATE_BATCH = 20_000


class CustomerSuccessPlay(models.Model):
    """A playbook: a trigger, and the activity plan that starts when the trigger occurs at a customer."""

    _name = "customer.success.play"
    _inherit = ["customer.success.measured"]
    _effect_kind = "play"
    _description = "Playbook"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char("Playbook", required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(
        translate=True, help="The purpose of the playbook and the result it should bring."
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Run it for customers of this company only; empty for all customers.",
    )

    # When
    trigger = fields.Selection(
        [(code, trigger.label) for code, trigger in TRIGGERS.items()],
        required=True,
        default="stalled",
    )
    explanation = fields.Char("When It Starts", compute="_compute_trigger_words")
    parameters = fields.Json(
        compute="_compute_trigger_words", help="The fields that this trigger needs."
    )
    stage_ids = fields.Many2many(
        "customer.success.stage",
        relation="customer_success_play_stage_rel",
        column1="play_id",
        column2="stage_id",
        string="Stages",
        help="Run it for customers in these stages only; empty for all stages.",
    )
    segment_ids = fields.Many2many(
        "customer.success.segment",
        relation="customer_success_play_segment_rel",
        column1="play_id",
        column2="segment_id",
        string="Segments",
        ondelete="restrict",
        domain="['|', ('company_id', '=', False), ('company_id', '=?', company_id)]",
        help="Run it for customers in these segments only; empty for all customers, also those without a segment.",
    )
    symptom_ids = fields.Many2many(
        "customer.success.symptom",
        relation="customer_success_play_symptom_rel",
        column1="play_id",
        column2="symptom_id",
        string="Symptoms",
        help="Run it for these symptoms only; empty for all symptoms.",
    )
    signal = fields.Selection(
        [("concern", "A concern or a blocker"), ("blocker", "A blocker only")],
        "Answers With",
        required=True,
        default="concern",
    )
    risk_from = fields.Selection(
        [("high", "High or critical"), ("critical", "Critical")],
        "Risk Becomes",
        required=True,
        default="high",
    )
    capability = fields.Selection(
        GAPS,
        "Gap In",
        required=True,
        default="capacity",
        help="The part of the customer's capability that the active plan says is missing.",
    )
    days = fields.Integer(compute="_compute_days", store=True, readonly=False, precompute=True)
    questions = fields.Integer("Stale Questions", default=3, required=True)
    percent = fields.Integer("Falls By (%)", default=20, required=True)
    date_start = fields.Date(
        "Since",
        required=True,
        default=fields.Date.context_today,
        copy=False,
        help="Events before this day do not start the playbook, so that a new playbook does not act on the past.",
    )

    # What
    activity_plan_id = fields.Many2one(
        "mail.activity.plan",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain=[("res_model", "=", "res.partner")],
        help="Its steps become activities of the CSM, counted from the day on which the playbook runs.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Without a CSM",
        check_company=True,
        domain=[("share", "=", False)],
        help="This user gets the activities of customers without a CSM. Leave it empty to run nothing for them.",
    )
    cooldown_days = fields.Integer(
        "Pause (days)",
        default=30,
        required=True,
        help="For this many days the playbook does not start again for the same customer.",
    )
    run_ids = fields.One2many("customer.success.play.run", "play_id", "Runs")
    run_count = fields.Integer("Number of Runs", compute="_compute_run_count")

    _check_cooldown = models.Constraint(
        "CHECK(cooldown_days >= 0)", "The pause of a playbook cannot be negative."
    )
    _check_days = models.Constraint(
        "CHECK(days BETWEEN 0 AND 3650)", "The days of a playbook must be between 0 and 3650."
    )
    _check_questions = models.Constraint(
        "CHECK(questions >= 1)", "The number of stale questions must be at least 1."
    )
    _check_percent = models.Constraint(
        "CHECK(percent BETWEEN 1 AND 100)", "The fall of use must be between 1 and 100 %."
    )

    @api.depends("trigger")
    def _compute_days(self):
        for play in self:
            play.days = TRIGGERS[play.trigger].days if play.trigger in TRIGGERS else 0

    @api.depends("trigger")
    @api.depends_context("lang")
    def _compute_trigger_words(self):
        for play in self:
            trigger = TRIGGERS.get(play.trigger)
            play.explanation = trigger.explanation(self.env._) if trigger else False
            play.parameters = list(trigger.parameters) if trigger else []

    @api.depends("run_ids")
    def _compute_run_count(self):
        counts = dict(
            self.env["customer.success.play.run"]._read_group(
                [("play_id", "in", self.ids)], ["play_id"], ["__count"]
            )
        )
        for play in self:
            play.run_count = counts.get(play, 0)

    @api.constrains("activity_plan_id")
    def _check_activity_plan(self):
        for play in self:
            if play.activity_plan_id.res_model != "res.partner":
                raise ValidationError(
                    self.env._(
                        "“%s” is not an activity plan for customers. Choose a plan that applies to contacts.",
                        play.activity_plan_id.name,
                    )
                )

    def write(self, vals):
        """Start a playbook from today if it is switched on again or gets another trigger."""
        if {"active", "trigger"} & vals.keys() and "date_start" not in vals:
            renewed = self.filtered(
                lambda play: (
                    (vals.get("active") and not play.active)
                    or vals.get("trigger", play.trigger) != play.trigger
                )
            )
            super(CustomerSuccessPlay, renewed).write(
                {"date_start": fields.Date.context_today(self)}
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_run(self):
        """Refuse to delete a playbook that has run, so that its runs and their reasons stay on record."""
        if self.sudo().run_ids:
            raise ValidationError(
                self.env._(
                    "A playbook that has run cannot be deleted, because its runs stay on record. "
                    "Archive it to stop it."
                )
            )

    def action_open_runs(self):
        """Open the runs of this playbook, with their customers and outcomes."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_success.customer_success_play_run_action"
        )
        listed = safe_eval(
            action["domain"]
        )  # what waits at customers who are not followed is left out
        action["domain"] = list(fields.Domain(listed) & fields.Domain("play_id", "=", self.id))
        action["context"] = {}
        return action

    # ------------------------------------------------------------------------------------------
    # Scheduled action
    # ------------------------------------------------------------------------------------------

    @api.model
    def _evaluate(self, scope):
        """Log the runs that are due for customers; return their number.

        ``scope`` is a list of ids, or a tuple of the first and the last id of a range.
        """
        self.env.flush_all()
        wanted = {trigger for (trigger,) in self._read_group([], ["trigger"])}
        codes = [code for code in TRIGGERS if code in wanted]
        if not codes:
            return 0
        limit = self.env["customer.success.settings"]._limit
        limits = {name: limit(name) for name in evaluation.limits_of(codes)}
        found = evaluation.evaluate(self.env.cr, scope, codes, limits, fields.Date.today())
        if found:
            self.env["customer.success.play.run"].invalidate_model()
            self.invalidate_model(["run_ids", "run_count"])
        return found

    @api.model
    def _cron_run(self):
        """Find the runs that are due, range by range, and create their activities, batch by batch.

        Runs that wait from an earlier job come first, so that all runs get their turn even if time runs out.
        """
        runs = self.env["customer.success.play.run"]
        if runs._start_waiting() and self._evaluate_all():
            runs._start_waiting()

    @api.model
    def _evaluate_all(self):
        """Log the runs that are due for all customers; return whether there was time for all of them."""
        self.env.cr.execute(
            SQL("SELECT id FROM res_partner WHERE %s ORDER BY id", SQL(followed("res_partner")))
        )
        return self.env["customer.success.job"]._walk(
            [id_ for (id_,) in self.env.cr.fetchall()],
            lambda ids: self._evaluate((ids[0], ids[-1])),
            self._note_not_evaluated,
            size=EVALUATE_BATCH,
            bookmark="plays",
        )

    @api.model
    def _note_not_evaluated(self, partner_id, error):
        """Run no playbook for this customer today; the next job evaluates it again."""
        _logger.warning("The playbooks of customer %s were not evaluated: %s", partner_id, error)
