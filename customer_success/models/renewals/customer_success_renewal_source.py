import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...scoring import sources
from ...scoring.terms import STAYING, outcome_of
from .customer_success_renewal_terms import PERIOD

_logger = logging.getLogger(__name__)

BATCH = 500
# The fields that a source sets and a person may change.
SAID = (
    "buyer_id",
    "date_start",
    "date_renewal",
    "end_is_last_day",
    "date_notice",
    "annual_value",
    "seats",
    "currency_id",
    "source_name",
)


class CustomerSuccessRenewal(models.Model):
    _inherit = "customer.success.renewal"

    # A reference without words, so that it does not depend on the language of the user.
    source_name = fields.Char(
        "Contract or Order",
        readonly=True,
        copy=False,
        help="The contract or order that the term comes from.",
    )
    source_values = fields.Json(readonly=True, copy=False, groups="base.group_system")

    def _take_from_source(self, said, model):
        """Take over the source's values, except for fields that a person changed since the last time.

        ``said`` are the values of the fields, ``model`` the name of the source's model.
        """
        self.ensure_one()
        before = self.source_values or {}
        changes = {}
        for name, value in said.items():
            ours = self._plain(name)
            untouched = ours == before[name] if name in before else not ours
            if (untouched or self._is_made()) and ours != _plain(value):
                changes[name] = value
        if {"date_start", "date_renewal"} & changes.keys():
            changes.setdefault("end_is_last_day", said.get("end_is_last_day", self.end_is_last_day))
        if self._is_made():
            changes["is_generated"] = False
        kept = {**before, **_plain_values(said), "model": model}
        if kept != before:
            changes["source_values"] = kept
        changes = self._amend_from_source(changes, before)
        if changes:
            self.write(changes)

    def _is_made(self):
        """Return True if the term was generated from the previous one and has no source yet."""
        return self.is_generated and not self.source_values

    def _source_end(self):
        """Return the end of the term as the source last gave it, even if a person changed it."""
        told = (self.source_values or {}).get("date_renewal")
        return fields.Date.to_date(told) if told else self.date_renewal

    def _take_back(self):
        """Delete a term whose source is gone; keep it if a person has worked on it."""
        self.ensure_one()
        told = self.source_values or {}
        as_told = all(self._plain(name) == told[name] for name in SAID if name in told)
        posted = self.message_ids.filtered(lambda m: m.message_type in ("comment", "email"))
        worked_on = posted or self.checkpoint_ids or self.activity_ids or self.lead_ids
        if as_told and not worked_on:
            self.unlink()
        else:
            self._message_log(
                body=self.env._("The contract or order of this term no longer exists.")
            )
            self.source_values = False

    def _plain(self, name):
        value = self[name]
        return value.id if self._fields[name].relational else _plain(value)


class CustomerSuccessRenewalSource(models.AbstractModel):
    """A mixin for contract or subscription lines of another addon from which renewals are taken.

    All lines of one product at one customer are one term. It is brought up to date at the end of each
    transaction that changes a line, and nightly; a second run changes nothing. A bridge inherits the mixin
    in the model of the lines and returns the states of each line in `_success_line_states`.
    """

    _name = "customer.success.renewal.source"
    _description = "Source of Renewals"

    success_renewal_id = fields.Many2one(
        "customer.success.renewal",
        "Renewal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="customer_success.group_success_user",
    )

    @api.model
    def _success_fields(self):
        """Return the names of the fields of a line that its renewal depends on."""
        raise NotImplementedError

    @api.model
    def _success_domain(self):
        """Return the domain of the lines that may have a renewal, in any state."""
        raise NotImplementedError

    def _success_line_states(self):
        """Return a list with a `sources.LineState` of each line that belongs to a customer."""
        raise NotImplementedError

    @api.model
    def _success_partner_path(self):
        return "partner_id.commercial_partner_id"

    # ------------------------------------------------------------------------------------------
    # When renewals are brought up to date
    # ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._success_changed()
        return lines

    def write(self, vals):
        moved = (
            self.sudo().success_renewal_id if vals.keys() & set(self._success_fields()) else None
        )
        result = super().write(vals)
        if moved is not None:
            self._success_changed(moved)
        return result

    def unlink(self):
        moved = self.sudo().success_renewal_id
        result = super().unlink()
        self.browse()._success_changed(moved)
        return result

    def _success_changed(self, renewals=None):
        """Bring these lines, and renewals that lose a line, up to date at the end of the transaction.

        The single steps of a suspension or renewal are not consistent; only their end is.
        """
        if not self and not renewals:
            return
        asked = self.env.cr.precommit.data.setdefault(f"success_source.{self._name}", ([], []))
        if not any(asked):
            self.env.cr.precommit.add(self.browse()._success_reconcile_pending)
        asked[0].extend(self.ids)
        asked[1].extend(renewals.ids if renewals else ())

    def _success_reconcile_pending(self):
        line_ids, renewal_ids = self.env.cr.precommit.data.pop(
            f"success_source.{self._name}", ([], [])
        )
        env = self.sudo().with_context(active_test=False)
        lines = env.browse(dict.fromkeys(line_ids)).exists()
        renewals = env.env["customer.success.renewal"].browse(dict.fromkeys(renewal_ids)).exists()
        lines._success_reconcile(renewals)
        self.env.flush_all()

    @api.model
    def _cron_success_reconcile(self):
        """Bring all lines up to date once a day, as dates pass and imports or new customers call no hook."""
        lines = self.sudo().with_context(active_test=False)
        domain = Domain(self._success_domain()) & Domain(
            f"{self._success_partner_path()}.success_stage_id", "!=", False
        )
        self.env["customer.success.job"]._walk(
            lines.search(domain, order="id").ids,
            lambda ids: lines.browse(ids).exists()._success_reconcile(),
            self._note_not_reconciled,
            size=BATCH,
            bookmark=f"reconciled.{self._name}",
        )

    @api.model
    def _note_not_reconciled(self, subject, error):
        """Log a failed renewal, so that it does not stop invoices or other customers; it is retried the next day.

        ``subject`` is the key of a term, or the id of a line if its term is unknown.
        """
        _logger.warning(
            "The renewal of %s (%s) could not be brought up to date: %s", subject, self._name, error
        )

    # ------------------------------------------------------------------------------------------
    # Another customer than was said
    # ------------------------------------------------------------------------------------------

    def _success_check_move(self, customer):
        """Refuse that these lines are for another customer where their terms could not be moved by hand; ``self`` is in sudo."""
        moving = self.success_renewal_id.filtered(lambda term: term.partner_id != customer)
        moving._check_may_move()

    def _success_move(self, customer):
        """Move the terms that these lines alone have made to another customer, unless it has one already."""
        terms = self.success_renewal_id.filtered(
            lambda term: (
                term.partner_id != customer and term.outcome == "pending" and not term.addon_ids
            )
        )
        if not terms or not customer.success_stage_id:
            return
        others = self.search([("success_renewal_id", "in", terms.ids), ("id", "not in", self.ids)])
        known = self._success_renewals(customer.ids)
        for term in terms - others.success_renewal_id:
            key = (customer.id, term.product_id.id, term.company_id.id)
            if "pending" not in known.get(key, term.browse()).mapped("outcome"):
                term._move_to(customer)

    # ------------------------------------------------------------------------------------------
    # How renewals are brought up to date
    # ------------------------------------------------------------------------------------------

    def _success_reconcile(self, renewals=None):
        """Bring the renewals of these lines up to date, with all lines of the same terms."""
        renewals = (renewals or self.env["customer.success.renewal"]) | self.success_renewal_id
        keys = {line_state.key for line_state in self._success_line_states()}
        keys |= {(r.partner_id.id, r.product_id.id, r.company_id.id) for r in renewals}
        if not keys:
            return
        partners = [partner_id for partner_id, _product, _company in keys]
        lines = self.search(
            Domain(self._success_domain()) & Domain(self._success_partner_path(), "in", partners)
        )
        states = {}
        for line_state in lines._success_line_states():
            if line_state.key in keys:
                states.setdefault(line_state.key, []).append(line_state)
        known = self._success_renewals(partners)

        def reconcile_terms(some):
            for key in some:
                self._success_reconcile_term(key, states.get(key, []), known.get(key))

        self.env["customer.success.job"]._halve(
            sorted(keys), reconcile_terms, self._note_not_reconciled
        )

    def _success_renewals(self, partner_ids):
        """Return ``{(partner_id, product_id, company_id): renewals}``, oldest first, with one query."""
        known = {}
        for renewal in self.env["customer.success.renewal"].search(
            [("partner_id", "in", partner_ids)], order="date_renewal, id"
        ):
            key = (renewal.partner_id.id, renewal.product_id.id, renewal.company_id.id)
            known[key] = known.get(key, renewal.browse()) | renewal
        return known

    @api.model
    def _success_reconcile_term(self, key, states, known):
        renewals = self.env["customer.success.renewal"]
        known = self._success_contract(known or renewals)
        term = sources.term_of(states)
        lines = self.browse(line_state.line for line_state in states)
        mine = lines.success_renewal_id | known.filtered("source_values")
        current = known.filtered(lambda r: r.active and r.outcome == "pending")[:1]
        if term and not current.source_values and self._success_awaited(mine, term):
            return
        if not current and term:
            current = self._success_reopen(mine, term)
        if not current:
            current = self._success_open(key, term, mine) if term else current
        elif term and not current.source_values:
            pass  # recorded by a person or generated from the last term: link the source to it
        elif not term:
            self._success_end(current, states)
            return
        elif sources.is_renewed(term, current._source_end(), fields.Date.context_today(self)):
            current = self._success_renew(current, term)
        if current and term:
            current._take_from_source(self._success_said(term, current, mine), self._name)
            if term.automatic and not current.source_values.get("automatic"):
                current.source_values = {**current.source_values, "automatic": True}
            live = self.browse(
                line_state.line for line_state in states if line_state.state == "live"
            )
            live.filtered(
                lambda line: line.success_renewal_id != current
            ).success_renewal_id = current

    @api.model
    def _success_contract(self, known):
        """Return the terms of the one contract that the lines are of: the source's, else one without a number."""

        def number(renewal):
            return (renewal.contract_number or "").lower()

        if len({number(renewal) for renewal in known}) < 2:
            return known
        own = (
            known.filtered("source_values")[-1:]
            or known.filtered(lambda renewal: not renewal.contract_number)[-1:]
            or known.filtered(lambda renewal: renewal.active and renewal.outcome == "pending")[:1]
            or known[-1:]
        )
        return known.filtered(lambda renewal: number(renewal) in ("", number(own)))

    @api.model
    def _success_said(self, term, current, mine):
        """Return the source's values of a term; it starts no earlier than the end of the last one."""
        before = (mine - current).filtered(lambda r: r.outcome != "pending")
        ends = [renewal._date_after() for renewal in before]
        start = max([term.start, *ends]) if term.start else None
        if current.source_values and term.resumed:
            start = current.date_start
        notice = min(term.notice, term.end) if term.notice else None
        # What the source does not say, and did not say before, the product or the last term may say.
        known = {}
        if notice or (current.source_values or {}).get("date_notice"):
            known["date_notice"] = notice or False
        if term.automatic is not None:
            known["auto_renew"] = term.automatic
        return known | {
            "date_start": start if start and start < term.end else term.start,
            "date_renewal": term.end,
            "end_is_last_day": term.ends_with_last_day,
            "annual_value": self.env["res.currency"].browse(term.currency).round(term.value),
            "seats": term.seats,
            "currency_id": term.currency,
            "source_name": term.source or False,
            "buyer_id": term.buyer or False,
        }

    @api.model
    def _success_awaited(self, mine, term):
        """Return True if a person ended this term and the source has not been renewed yet."""
        last = mine.filtered(lambda r: r.outcome != "pending").sorted("date_renewal")[-1:]
        told = (last.source_values or {}).get("outcome")
        grace = timedelta(days=sources.RENEWED_DAYS)
        return bool(last) and not told and term.end < last._source_end() + grace

    @api.model
    def _success_open(self, key, term, mine):
        """Create a new term and return it, or return none if a person has ended or archived it."""
        last = mine.sorted("date_renewal")[-1:]
        if last and (not last.active or term.end <= last._source_end()):
            return last.browse()
        partner_id, product_id, company_id = key
        if not self.env["res.partner"].browse(partner_id).success_stage_id:
            return last.browse()
        said = self._success_said(term, last.browse(), mine)
        opened = last.create(
            {
                "partner_id": partner_id,
                "product_id": product_id,
                "company_id": company_id,
                **said,
                **self._success_previous(last, said),
                "source_values": {**_plain_values(said), "model": self._name},
            }
        )
        opened._propose_replaced()
        return opened

    @api.model
    def _success_previous(self, last, said):
        """Return the values of a new term that follows ``last``, with what the source does not say of it."""
        if last.outcome not in STAYING:
            return {}
        vals = {"previous_id": last.id}
        if last.buyer_id and not said["buyer_id"]:
            vals["buyer_id"] = last.buyer_id.id
        if "auto_renew" not in said:
            vals |= {"auto_renew": last.auto_renew, "price_rise": last.price_rise}
        if "date_notice" not in said:
            vals |= {name: last[name] for name in PERIOD}
        return vals

    @api.model
    def _success_reopen(self, mine, term):
        """Reopen and return a term that the source had ended as churned but now continues, else none."""
        last = mine.filtered("active").sorted("date_renewal")[-1:]
        if last.outcome == "churned" and (last.source_values or {}).get("outcome") == "churned":
            last.write(
                {"outcome": "pending", "source_values": {**last.source_values, "outcome": False}}
            )
            return last
        return last.browse()

    @api.model
    def _success_renew(self, current, term):
        """Set the outcome from value and seats, and return the next term, which the source continues."""
        value = self.env["res.currency"].browse(term.currency).round(term.value)
        before = current._at_end()
        if term.currency != current.currency_id.id:
            value = before[0]
        outcome = outcome_of(before, (value, term.seats))
        current.write({"outcome": outcome, "renewed_value": value, "renewed_seats": term.seats})
        following = current.next_ids.filtered(lambda r: r.active and r.outcome == "pending")[:1]
        if following:
            return following
        key = (current.partner_id.id, current.product_id.id, current.company_id.id)
        return self._success_open(key, term, current)

    @api.model
    def _success_end(self, current, states):
        """End a term without a line in force: a cancelled one churned, an expired one awaits a person."""
        if not current.source_values:
            return
        today = fields.Date.context_today(self)
        gone = [line_state for line_state in states if line_state.state == "gone"]
        if current.source_values.get("automatic"):  # it renewed itself until somebody stopped it
            gone += [line_state for line_state in states if line_state.state == "over"]
        if not gone and states:
            return
        day = max([line_state.gone_on for line_state in gone if line_state.gone_on], default=today)
        if not gone or (current.date_start and day < current.date_start):
            current._take_back()
            return
        said = next((line_state for line_state in gone if line_state.reason), gone[0])
        vals = {
            "outcome": "churned",
            "date_outcome": max(min(day, today), min(current.date_start or day, today)),
            "source_values": {**current.source_values, "outcome": "churned"},
        }
        if not current.reason_id:
            vals["reason_id"] = self._success_reason(said.reason).id
            vals["reason_note"] = current.reason_note or said.note
        current.write(vals)
        current.browse()._propose_replaced(current)

    @api.model
    def _success_reason(self, name):
        """Return the churn reason of that name; create it if it does not exist."""
        reasons = self.env["customer.success.renewal.reason"]
        if not name:
            return reasons
        domain = [("outcome", "=", "churned"), ("name", "=ilike", name.replace("%", r"\%"))]
        return reasons.with_context(active_test=False).search(domain, limit=1) or reasons.create(
            {"name": name, "outcome": "churned"}
        )


def _plain_values(vals):
    return {name: _plain(value) for name, value in vals.items()}


def _plain(value):
    """Return a value as it is stored in JSON."""
    if value and hasattr(value, "isoformat"):
        return fields.Date.to_string(value)
    return value or False
