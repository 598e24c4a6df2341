from odoo import api, fields, models
from odoo.tools import format_date

from ...scoring.said import GRACE_DAYS, fault
from ..common.machine_fields import without_defaults
from .customer_success_plan_content import CAPABILITY, LEADERS, MEASURES

# What only the system writes: the score reads it.
MACHINE = (
    "unanswered",
    "completeness",
    "sustaining_asked_since",
    "replaces_id",
    "version",
    "active_from",
    "active_by_id",
    "kept_goals",
)
ENVIRONMENT = {"complexity_level": "success_complexity", "routine_fit": "success_routine_fit"}


class CustomerSuccessPlan(models.Model):
    """The gaps of a plan: questions without an answer, answers from before go-live, and its worst answers."""

    _inherit = "customer.success.plan"

    complexity_level = fields.Selection(
        related="partner_id.success_complexity", string="Complexity", readonly=False
    )
    routine_fit = fields.Selection(
        related="partner_id.success_routine_fit",
        string="Fit with Daily Routines",
        readonly=False,
    )
    sustaining_asked_since = fields.Date(
        compute="_compute_completeness",
        store=True,
        help="The day of go-live, if the answer about sustained use is older than that, so that it is asked again.",
    )
    sustained_by_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        tracking=True,
        domain="[('commercial_partner_id', '=', partner_id), ('id', '!=', partner_id)]",
        help="The person at the customer who sees to it that use is kept up.",
    )
    missing_questions = fields.Text("Not Answered Yet", compute="_compute_words")
    worst_answers = fields.Text(compute="_compute_words")
    lacks_measures = fields.Char(
        compute="_compute_words",
        help="The areas of change without a measure, in a plan that names what each person gains.",
    )

    @api.depends(
        "state",
        "personal_benefits",
        "source_ids.date",
        "partner_id.success_stage_id",
        "partner_id.success_go_live_date",
        "partner_id.success_go_live_first",
        *(f"partner_id.{name}" for name in ENVIRONMENT.values()),
    )
    def _compute_completeness(self):
        # A plan that is over stays as it was on the day on which it was replaced or closed.
        kept = self.filtered(
            lambda plan: plan.state in ("replaced", "closed") and plan.unanswered is not False
        )
        for plan in kept:
            for name in ("unanswered", "completeness", "sustaining_asked_since"):
                plan[name] = plan[name]
        plans = self - kept
        for plan in plans:
            plan.sustaining_asked_since = plan._is_sustaining_old() and plan._live_since()
        return super(CustomerSuccessPlan, plans)._compute_completeness()

    def _gaps(self):
        gaps = super()._gaps()
        if "sustaining_plan" not in gaps and self._is_sustaining_old():
            gaps["sustaining_plan"] = "old"
        return gaps

    @api.model_create_multi
    def create(self, vals_list):
        self = without_defaults(self, MACHINE)
        return super().create([self._without_machine(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._without_machine(vals))

    @api.model
    def _without_machine(self, vals):
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    def _check_not_replaced(self):
        """Refuse to change a plan that is over, also through a button."""
        self.check_access("write")
        self._check_not_over()

    def _live_since(self):
        """Return the day of go-live of the customer; None before it, or in a new plan without a customer."""
        return self.partner_id.sudo()._success_live_since() if self.partner_id else None

    def _said_on(self, question):
        """Return the day on which a question was answered, by default that of the plan."""
        source = self.source_ids.filtered(lambda source: source.question == question)[:1]
        return source.date or self.date

    def _is_sustaining_old(self):
        """Return True if the answer about sustained use is from before go-live, and go-live is past."""
        self.ensure_one()
        live = self.sustaining_plan and self._live_since()
        said = self._said_on("sustaining_plan")
        return bool(live and said and said < live)

    def _is_asked_again(self):
        """Return True if the answer about sustained use no longer counts: the days after go-live are over."""
        self.ensure_one()
        since = self.sustaining_asked_since
        return bool(since) and fields.Date.add(since, days=GRACE_DAYS) <= fields.Date.context_today(
            self
        )

    def _says_sustaining(self):
        """Return True if the plan says how use is sustained, and that answer counts."""
        self.ensure_one()
        gap = self._gaps().get("sustaining_plan")
        return not gap or (gap == "old" and not self._is_asked_again())

    @api.depends(lambda self: ["unanswered", "committed_resources", *self._questions()])
    @api.depends_context("lang")
    def _compute_words(self):
        for plan in self:
            plan.missing_questions = " · ".join(plan._missing_lines())
            plan.worst_answers = " · ".join(plan._worst_lines())
            lacking = plan._lacking_areas() if not fault(plan.personal_benefits) else []
            plan.lacks_measures = ", ".join(lacking)

    def _label(self, name):
        return self._fields[name]._description_string(self.env)

    def _lacking_areas(self):
        """Return the names of the areas of change without a measure."""
        gaps = self._gaps()
        areas = dict(
            self.env["customer.success.change"]._fields["area"]._description_selection(self.env)
        )
        return [areas[name.removeprefix("measure_")] for name in MEASURES if name in gaps]

    def _missing_lines(self):
        """Return the questions without an answer, each with why its text is none."""
        self.ensure_one()
        live = self.sustaining_asked_since
        faults = {
            "empty": "",
            "blank": self.env._("a blank is left to fill in"),
            "short": self.env._("too short to say anything"),
            "same": self.env._("the same text as another answer"),
            "old": self.env._(
                "said before go-live on %s, so ask again", format_date(self.env, live)
            ),
        }
        gaps = self._gaps()
        return [
            self.env._(
                "%(question)s (%(fault)s)", question=self._label(name), fault=faults[gaps[name]]
            )
            if faults[gaps[name]]
            else self._label(name)
            for name in self._questions()
            if name in gaps
        ]

    def _worst_lines(self):
        """Return the answers that weigh against success, in words."""
        self.ensure_one()
        said = {
            "leaders_commit_resources": self.env._("Leaders do not commit time and people"),
            "leaders_seek_barriers": self.env._("Leaders do not know how to find barriers"),
            "leaders_ask_users": self.env._("Users were not asked about barriers"),
            "leaders_reward_use": self.env._("Leaders reward only going live"),
        }
        lines = []
        if self.relies_on_mandate == "yes":
            lines.append(self.env._("Relies on a mandate"))
        lines += [said[name] for name in LEADERS if self[name] == "no"]
        if self.leaders_commit_resources == "yes" and fault(self.committed_resources):
            lines.append(self.env._("Leaders commit time and people, but not how much"))
        for name in CAPABILITY:
            if self[name] in ("1", "2"):
                labels = dict(self._fields[name]._description_selection(self.env))
                rating = labels[self[name]].partition(" - ")[2]
                lines.append(
                    self.env._(
                        "%(capability)s: %(rating)s",
                        capability=self._label(name),
                        rating=rating.lower(),
                    )
                )
        if self.internal_programme == "none":
            lines.append(self.env._("No success programme of its own"))
        if not fault(self.personal_benefits) and len(self._lacking_areas()) == len(MEASURES):
            lines.append(self.env._("Names only what each person gains"))
        return lines

    def action_confirm_sustaining(self):
        """Record that the answer about sustained use was asked again and still holds today."""
        self.ensure_one()
        self._check_not_replaced()
        self._note_said({"sustaining_plan"}, fields.Date.context_today(self))
        self.message_post(
            body=self.env._("Asked again: the plan to sustain use still holds."),
            subtype_xmlid="mail.mt_note",
        )
