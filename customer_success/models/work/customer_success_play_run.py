import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ...plays.trigger import TRIGGERS

_logger = logging.getLogger(__name__)

OUTCOMES = [
    ("worked", "It worked"),
    ("partly", "It worked in part"),
    ("nothing", "It had no effect"),
    ("dropped", "Dropped"),
]
# The facts that are ids of these models, so that their names appear in the reader's language.
CATALOGUES = {
    "stage": "customer.success.stage",
    "segment": "customer.success.segment",
    "symptom": "customer.success.symptom",
    "question": "customer.success.question",
    "product": "product.product",
}
# The number of runs whose activities are created in one transaction.
START_BATCH = 300


class Words:
    """The functions with which a trigger returns its reason in the reader's language."""

    def __init__(self, env):
        self._env = env
        # Odoo finds a translation by the file of the caller, so this is the method itself, not a wrapper.
        self._ = env._

    def date(self, value):
        return format_date(self._env, value)

    def label(self, model, field, value):
        """Return the label of a value of a selection, in lower case as within a sentence."""
        selection = self._env[model]._fields[field]._description_selection(self._env)
        return dict(selection).get(value, value or "").lower()


class CustomerSuccessPlayRun(models.Model):
    """A run of a playbook at one customer, with its reason, its responsible user and its outcome.

    The job that finds the causes writes it, and so does the end of the last activity. People only read it.
    """

    _name = "customer.success.play.run"
    _description = "Playbook Run"
    _log_access = False
    _order = "date desc, id desc"

    play_id = fields.Many2one(
        "customer.success.play",
        "Playbook",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    segment_id = fields.Many2one(
        related="partner_id.success_segment_id",
        string="Segment",
        help="The segment of the customer today.",
    )
    cause = fields.Char(required=True, readonly=True, help="A playbook runs once for each cause.")
    date_cause = fields.Date("Happened On", readonly=True)
    facts = fields.Json(readonly=True)
    trigger = fields.Selection(related="play_id.trigger")
    reason = fields.Char("Why", compute="_compute_reason")
    date = fields.Date("Run On", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Done By", readonly=True, index="btree_not_null")
    activity_ids = fields.One2many("mail.activity", "success_run_id", "Steps Left", readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("started", "Started"), ("done", "Done")],
        required=True,
        readonly=True,
        default="waiting",
    )
    outcome = fields.Selection(OUTCOMES, readonly=True)
    outcome_note = fields.Text("Note on the Outcome", readonly=True)
    date_done = fields.Date("Done On", readonly=True)

    _cause_uniq = models.UniqueIndex(
        "(play_id, partner_id, cause)", "A playbook runs once for each cause."
    )
    _waiting_idx = models.Index("(id) WHERE state = 'waiting'")

    @api.depends("play_id", "partner_id")
    def _compute_display_name(self):
        for run in self:
            run.display_name = f"{run.play_id.name}: {run.partner_id.name}"

    # ------------------------------------------------------------------------------------------
    # The reason in words
    # ------------------------------------------------------------------------------------------

    @api.depends("facts")
    @api.depends_context("lang")
    def _compute_reason(self):
        """Word the facts in the reader's language, with one query for each model that they refer to."""
        names = {}
        for key, model in CATALOGUES.items():
            ids = {run.facts[key] for run in self if (run.facts or {}).get(key)}
            records = self.env[model].sudo().browse(ids).exists()
            names[key] = {record.id: record.name for record in records}
        words = Words(self.env)
        for run in self:
            facts = dict(run.facts or {})
            for key in CATALOGUES.keys() & facts.keys():
                facts[key] = facts[key] and names[key].get(facts[key], "…")
            trigger = TRIGGERS.get(facts.get("trigger"))
            run.reason = trigger.reason(words, facts) if trigger else False

    # ------------------------------------------------------------------------------------------
    # The activities of a run, and its end
    # ------------------------------------------------------------------------------------------

    @api.model
    def _start_waiting(self):
        """Start the waiting runs, batch by batch; return whether there was time for all of them.

        The runs of a customer that is not followed wait until it is back.
        """
        waiting = self.search(
            [("state", "=", "waiting"), ("partner_id.success_is_followed", "=", True)], order="id"
        )
        return self.env["customer.success.job"]._walk(
            waiting,
            lambda runs: runs.try_lock_for_update()._start(),
            self._note_not_started,
            size=START_BATCH,
        )

    @api.model
    def _note_not_started(self, run, error):
        """Leave the run waiting; the next job tries it again."""
        _logger.warning("Playbook run %s could not be started: %s", run.id, error)

    def _start(self):
        """Create an activity for each step of the plan, in one call, and set the runs to started.

        A run without a responsible user waits until a CSM follows the customer.
        """
        users = {run: user for run in self if (user := run._responsible())}
        started = self.browse().union(*users)
        vals_list = []
        for lang, runs in started.grouped(lambda run: users[run].lang).items():
            for run in runs.with_context(lang=lang):
                vals_list += run._prepare_step_vals(users[run])
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)
        for user, runs in started.grouped(users.get).items():
            runs.write({"state": "started", "user_id": user.id})

    def _responsible(self):
        """Return the user of the run if active, else the CSM, else the playbook's user, else ``False``.

        A run that is nobody's waits in the list of those who find a CSM.
        """
        self.ensure_one()
        candidates = (self.user_id, self.partner_id.success_user_id, self.play_id.user_id)
        return next((user for user in candidates if user.active), False)

    def _prepare_step_vals(self, user):
        self.ensure_one()
        plan = self.play_id.activity_plan_id
        common = {
            "res_model_id": self.env["ir.model"]._get_id("res.partner"),
            "res_id": self.partner_id.id,
            "success_run_id": self.id,
            "automated": True,
        }
        why = Markup("<p>%s</p>") % self.reason
        if not plan.template_ids:
            # If all steps of the plan were deleted, a to-do still tells the user what happened.
            todo = self.env.ref("mail.mail_activity_data_todo")
            return [
                {
                    **common,
                    "activity_type_id": todo.id,
                    "summary": self.play_id.name,
                    "note": why,
                    "date_deadline": self.date,
                    "user_id": user.id,
                }
            ]
        vals_list = []
        for step in plan.template_ids:
            owner = step._determine_responsible(user, self.partner_id)["responsible"]
            vals_list.append(
                {
                    **common,
                    "activity_type_id": step.activity_type_id.id,
                    "summary": step.summary,
                    "note": why + (step.note or ""),
                    "date_deadline": step._get_date_deadline(self.date),
                    "user_id": owner.id if owner and owner.active else user.id,
                }
            )
        return vals_list

    def _close_finished(self):
        """End the runs that have no open activity; set the outcome to dropped if all were cancelled."""
        started = self.filtered(lambda run: run.state == "started")
        if not started:
            return
        steps = self.env["mail.activity"].with_context(active_test=False)
        left, done = started.browse(), started.browse()
        for run, active in steps._read_group(
            [("success_run_id", "in", started.ids)], ["success_run_id", "active"]
        ):
            if active:
                left |= run
            else:
                done |= run
        ended = started - left
        ended.write({"state": "done", "date_done": fields.Date.context_today(self)})
        (ended - done).filtered(lambda run: not run.outcome).outcome = "dropped"
