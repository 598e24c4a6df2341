import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...scoring.counted import say_days
from ...scoring.followed import followed
from ...scoring.successors import KIN
from ..common.machine_fields import without_defaults

_logger = logging.getLogger(__name__)

# The states to which a person may move a barrier, by its state now. No state is skipped, whatever makes the change.
MOVES = {
    "potential": {"confirmed", "accepted"},
    "confirmed": {"potential", "empowered", "accepted"},
    "empowered": {"confirmed", "removing", "accepted"},
    "removing": {"confirmed", "empowered", "removed", "accepted"},
    "removed": {"confirmed", "removing", "verified"},
    "verified": {"confirmed"},
    "accepted": {"confirmed"},
}
FIRST = ("potential", "confirmed")
# Fields that only the server writes.
MACHINE = (
    "number",
    "escalation",
    "escalated_on",
    "waiting_since",
    "reopened",
    "reopened_by_id",
    "date_verified",
    "use_at_opening",
    "use_at_removal",
)
CLOSED = ("removed", "verified", "accepted")
# The adoption rate has changed if it is this many points higher than when the barrier was removed.
MOVED_POINTS = 5.0


class CustomerSuccessBarrier(models.Model):
    """The states of a barrier from suspicion to verified removal, its escalation and its reopening."""

    _inherit = "customer.success.barrier"

    @api.constrains("state", "owner_contact_id", "authority", "cause")
    def _check_flow(self):
        for barrier in self:
            if barrier.state in ("empowered", "removing") and not (
                barrier.owner_contact_id and barrier.authority == "granted"
            ):
                raise ValidationError(
                    self.env._(
                        "“%s” can only be removed by an owner at the customer who has the authority to do so. "
                        "Enter the owner, and set the authority to granted once it is given.",
                        barrier.display_name,
                    )
                )
            if barrier.cause == "individual" and barrier.state not in ("potential", "accepted"):
                raise ValidationError(
                    self.env._(
                        "Resistance of individuals is not a diagnosis of “%s”. Find out what in the organisation "
                        "makes it sensible for them, and set the cause to organisational.",
                        barrier.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self = without_defaults(self, MACHINE)
            vals_list = [self._without_machine_values(vals) for vals in vals_list]
        barriers = super().create(vals_list)
        if not self.env.su and not {*barriers.mapped("state")} <= {*FIRST}:
            raise UserError(
                self.env._(
                    "A new barrier must be potential or confirmed. Change its state after you have saved it."
                )
            )
        for barrier in barriers.sudo().filtered(lambda one: one.state == "confirmed"):
            barrier.waiting_since = barrier.date_opened
        barriers._note_use("use_at_opening")
        barriers._align_state()
        return barriers

    def _check_not_evaded(self, vals):
        """Refuse to make an open barrier younger than it is, and to archive it instead of closing it."""
        today = fields.Date.context_today(self)
        opened = fields.Date.to_date(vals.get("date_opened"))
        is_manager = self.env.user.has_group("customer_success.group_success_manager")
        for barrier in self.filtered("is_open"):
            made = barrier.create_date
            is_old = made and fields.Datetime.context_timestamp(self, made).date() < today
            if opened and is_old and opened > barrier.date_opened:
                raise UserError(
                    self.env._(
                        "“%s” stays open since the day on which it was found. Only an earlier day can be entered.",
                        barrier.name,
                    )
                )
            if not vals.get("active", True) and barrier.active and not is_manager:
                raise UserError(
                    self.env._(
                        "“%s” is open. Have it removed, or accept it with a reason; only a manager can archive it.",
                        barrier.name,
                    )
                )

    def write(self, vals):
        vals = self._without_machine_values(vals)
        if not self.env.su:
            self._check_moves(vals)
            self._check_not_evaded(vals)
        if "owner_contact_id" in vals and "authority" not in vals:
            # Authority is given to one person and does not pass to the next owner.
            others = self.filtered(
                lambda barrier: (
                    barrier.authority == "granted"
                    and barrier.owner_contact_id
                    and barrier.owner_contact_id.id != vals["owner_contact_id"]
                    and barrier.is_open
                )
            )
            if others:
                super(CustomerSuccessBarrier, others).write(
                    {"state": "confirmed", "authority": "none", "authority_date": False}
                )
        removed = self.filtered("is_open")
        if "state" not in vals and (
            vals.get("authority", "granted") != "granted" or not vals.get("owner_contact_id", True)
        ):
            # An owner who left or lost the authority cannot remove the barrier.
            lost = self.filtered(lambda barrier: barrier.state in ("empowered", "removing"))
            super(CustomerSuccessBarrier, lost).write({"state": "confirmed"})
        result = super().write(vals)
        if {"state", "authority", "owner_contact_id"} & vals.keys():
            self._align_state()
            removed.filtered(lambda barrier: barrier.state == "removed")._note_use("use_at_removal")
        return result

    @api.model
    def _without_machine_values(self, vals):
        if self.env.su:
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    def _check_moves(self, vals):
        """Refuse a skipped state, a severity changed after closing, and a removal without evidence."""
        for barrier in self:
            state = vals.get("state") or barrier.state
            if state != barrier.state:
                barrier._check_move(state, vals)
            severity = vals.get("severity", barrier.severity)
            if barrier.state in CLOSED and state in CLOSED and severity != barrier.severity:
                raise UserError(
                    self.env._(
                        "The severity of “%s” cannot be changed, because the barrier is closed. Reopen it first.",
                        barrier.display_name,
                    )
                )

    def _check_move(self, state, vals):
        labels = dict(self._fields["state"]._description_selection(self.env))
        if state not in MOVES[self.state]:
            raise UserError(
                self.env._(
                    "A barrier in state “%(now)s” cannot change to “%(then)s” directly. Possible next states: %(next)s.",
                    now=labels[self.state],
                    then=labels.get(state, state),
                    next=", ".join(labels[code] for code in labels if code in MOVES[self.state]),
                )
            )
        if state == "removed" and (
            not vals.get("owner_contact_id", self.owner_contact_id)
            or vals.get("authority", self.authority) != "granted"
        ):
            raise UserError(
                self.env._(
                    "“%s” is removed by an owner with authority. Keep the owner and the authority on the barrier.",
                    self.display_name,
                )
            )
        if state == "verified" and not (
            self.use_moved or (vals.get("verify_reason") or self.verify_reason or "").strip()
        ):
            raise UserError(
                self.env._(
                    "Usage has not changed since “%s” was removed, so the data does not confirm its removal. "
                    "Enter the reason why it counts as verified.",
                    self.display_name,
                )
            )
        if state == "accepted" and not (vals.get("resolution") or self.resolution or "").strip():
            raise UserError(self.env._("Enter in the resolution why the barrier is accepted."))

    def _align_state(self):
        """Keep state, authority and dates consistent: a change of one of them sets the others."""
        today = fields.Date.context_today(self)
        for barrier in self.sudo():
            granted = barrier.authority == "granted" and barrier.owner_contact_id
            values = {}
            if barrier.authority == "granted" and not barrier.authority_date:
                values["authority_date"] = today
            elif barrier.authority != "granted" and barrier.authority_date:
                values["authority_date"] = False
            if barrier.state == "confirmed" and granted:
                values["state"] = "empowered"
            elif barrier.state in ("empowered", "removing") and not granted:
                values["state"] = "confirmed"
            state = values.get("state", barrier.state)
            if state in self._open_states and (barrier.date_removed or barrier.date_verified):
                values |= {"date_removed": False, "date_verified": False, "verify_reason": False}
            elif state not in self._open_states and not barrier.date_removed:
                values["date_removed"] = today
            if state == "verified" and not barrier.date_verified:
                values["date_verified"] = today
            waits = state == "confirmed" and not granted
            if waits and not barrier.waiting_since:
                values |= {"waiting_since": today, "escalation": 0, "escalated_on": False}
            elif not waits and (barrier.waiting_since or barrier.escalation):
                values |= {"waiting_since": False, "escalation": 0, "escalated_on": False}
            if values:
                barrier.write(values)

    # ------------------------------------------------------------------------------------------
    # Adoption rate
    # ------------------------------------------------------------------------------------------

    def _adoptions(self):
        """Return ``{barrier: current adoption rate in %, or None}`` of the product that each barrier names, or its successor.

        A barrier without a product has the adoption rate of its customer, as the scores compute it.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "WITH "
                + KIN.text().rstrip(",")
                + """
                SELECT DISTINCT ON (barrier.id) barrier.id, usage.adoption
                  FROM customer_success_barrier barrier
                  JOIN customer_success_usage usage
                    ON usage.partner_id = barrier.partner_id
                   AND (usage.product_id = barrier.product_id
                        OR usage.product_id IN (SELECT successor_id
                                                  FROM kin
                                                 WHERE kin.product_id = barrier.product_id))
                 WHERE barrier.id = ANY(%(ids)s)
                   AND usage.adoption IS NOT NULL
              ORDER BY barrier.id, usage.date DESC, usage.source DESC, usage.adoption DESC
                """,
                ids=self.ids,
                today=fields.Date.today(),
            )
        )
        found = dict(self.env.cr.fetchall())
        return {barrier: found.get(barrier.id) for barrier in self}

    def _note_use(self, name):
        for barrier, adoption in self._adoptions().items():
            if adoption is not None:
                barrier.sudo().write({name: float(adoption)})

    @api.depends("use_at_removal", "state")
    def _compute_use_now(self):
        adoptions = self._origin._adoptions()
        for barrier in self:
            adoption = adoptions.get(barrier._origin)
            before = barrier.use_at_removal
            barrier.use_now = False if adoption is None else float(adoption)
            barrier.use_moved = (
                adoption is not None
                and before is not False
                and float(adoption) >= before + MOVED_POINTS
            )

    # ------------------------------------------------------------------------------------------
    # Scheduled action: escalate, and reopen barriers whose symptom has returned
    # ------------------------------------------------------------------------------------------

    @api.model
    def _cron_barriers(self):
        """Escalate barriers that nobody has the authority to remove; reopen those whose symptom returned; each once."""
        job = self.env["customer.success.job"]
        job._try_again(self._reopen_returned)
        self.env["ir.cron"]._commit_progress(1)
        for level in (2, 1):
            # One after the other, because people are notified and nobody may be notified twice.
            if not job._walk(
                self._to_escalate(level),
                lambda barrier, level=level: barrier._escalate(level),
                self._note_not_escalated,
                size=1,
            ):
                return

    @api.model
    def _note_not_escalated(self, barrier, error):
        """Log a barrier that could not be escalated; it stays as it is and is tried again the next day."""
        _logger.warning("Barrier %s could not be escalated: %s", barrier.id, error)

    @api.model
    def _to_escalate(self, level):
        """Return the confirmed barriers without authority that are due for this level, with one query."""
        limit = self.env["customer.success.settings"]._limit
        days = [int(limit(f"escalate_days_{severity}")) for severity in range(4)]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT barrier.id
                  FROM customer_success_barrier barrier
                  JOIN res_partner partner ON partner.id = barrier.partner_id
                 WHERE barrier.active
                   AND barrier.state = 'confirmed'
                   AND (barrier.authority <> 'granted' OR barrier.owner_contact_id IS NULL)
                   AND barrier.escalation = %(level)s - 1
                   AND %(followed)s
                   AND CASE %(level)s WHEN 1 THEN COALESCE(barrier.waiting_since, barrier.date_opened)
                                      ELSE barrier.escalated_on END
                       < %(today)s - (%(days)s::int[])[barrier.severity::int + 1]
              ORDER BY barrier.severity DESC, barrier.date_opened, barrier.id
                """,
                level=level,
                followed=SQL(followed("partner")),
                today=fields.Date.today(),
                days=days,
            )
        )
        return self.browse([id_ for (id_,) in self.env.cr.fetchall()])

    def _escalate(self, level):
        """Ask the CSM to get authority; at the next level ask a manager and the customer's sponsor.

        The level is stored, so that each is asked once.
        """
        self.ensure_one()
        summary = self.env._("Get authority for %s", self.display_name)
        note = self.env._(
            "The barrier has been open for %s, and nobody at the customer has the authority to remove it.",
            say_days(self.env, self.days_open),
        )
        asked = self.partner_id.success_user_id
        asked = asked if asked.active else self.partner_id._success_in_charge(self.user_id)
        if level == 1 and asked:
            self.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, note=note, user_id=asked.id
            )
        if level == 2:
            manager = self._escalation_manager()
            if manager:
                self.activity_schedule(
                    "mail.mail_activity_data_todo", summary=summary, note=note, user_id=manager.id
                )
            sponsors = self.partner_id.success_stakeholder_ids.filtered(
                lambda person: person.role == "sponsor" and not person.is_gone
            ).contact_id
            if sponsors:
                self.message_notify(
                    partner_ids=sponsors.ids,
                    subject=self.env._("Who may remove this? %s", self.name),
                    body=self.env._(
                        "“%(barrier)s” keeps people from working with the system. Somebody needs the "
                        "authority to remove it. Whom will you give it to?",
                        barrier=self.name,
                    ),
                )
        self.sudo().write({"escalation": level, "escalated_on": fields.Date.today()})

    def _escalation_manager(self):
        """Return a customer success manager of the customer's company, otherwise any one."""
        users = self.env["res.users"]
        ours = users._success_managers(self.partner_id.company_id)
        return (ours or users._success_managers())[:1]

    @api.model
    def _reopen_returned(self):
        """Reopen removed barriers whose symptom was flagged again since; once for each new flag."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT DISTINCT ON (barrier.id) barrier.id, flag.id
              FROM customer_success_barrier barrier
              JOIN customer_success_barrier_symptom_rel rel ON rel.barrier_id = barrier.id
              JOIN customer_success_symptom_flag flag
                ON flag.partner_id = barrier.partner_id
               AND flag.symptom_id = rel.symptom_id
               AND (barrier.product_id IS NULL OR flag.product_id = barrier.product_id)
               AND flag.date_to IS NULL
               AND flag.date_from > barrier.date_removed
             WHERE barrier.active
               AND barrier.state IN ('removed', 'verified')
               AND barrier.reopened_by_id IS DISTINCT FROM flag.id
          ORDER BY barrier.id, flag.date_from DESC
            """
        )
        for barrier_id, flag_id in self.env.cr.fetchall():
            barrier = self.browse(barrier_id)
            barrier.sudo().write(
                {
                    "state": "confirmed",
                    "reopened": barrier.reopened + 1,
                    "reopened_by_id": flag_id,
                    "authority": "none",
                }
            )
            flag = barrier.reopened_by_id
            barrier.message_post(
                body=self.env._(
                    "Reopened, because “%(symptom)s” has shown again since %(date)s.",
                    symptom=flag.symptom_id.name,
                    date=flag.date_from,
                )
            )
