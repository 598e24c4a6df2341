from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ...models.barriers.customer_success_barrier import REMOVED
from ...scoring.use import DEGREES
from . import chart

# The fields of a shared record that a customer may read; its version of the brief contains no others.
PUBLIC = {
    "barriers": ("name", "area", "owner", "granted", "opened", "due", "removed", "days"),
    "changes": ("name", "kind", "date", "done", "affected", "adopted"),
    "objectives": (
        "name",
        "metric",
        "baseline",
        "target",
        "actual",
        "progress",
        "due",
        "state",
        "is_confirmed",
        "confirmed_by",
        "confirmed_on",
        "is_early",
        "money",
        "shown_return",
        "term",
        "shown_ours",
        "shown_theirs",
    ),
}
# The kinds of conversations that are agreed with the customer; a handover also takes place internally.
AGREED_KINDS = ("advisory", "review", "check_in")


class CustomerSuccessBrief(models.AbstractModel):
    """The facts about a customer in a period, collected once for all briefs that show them.

    ``_facts`` collects everything that the reader may see. ``_for_customer`` reduces it to a list of allowed facts
    that may be given to the customer. Values are texts in the language of the context, ready to be shown; the
    template escapes them.
    """

    _name = "customer.success.brief"
    _description = "Brief about a Customer"

    # ------------------------------------------------------------------------------------------
    # Permission to print, and language
    # ------------------------------------------------------------------------------------------

    @api.model
    def _check_may_print(self, partners):
        """Check that the user may read the brief, because every employee can open the address of a report."""
        if not self.env.user.has_group("customer_success.group_success_user"):
            raise AccessError(
                self.env._("Only the customer success team may print briefs about customers.")
            )
        partners.check_access("read")
        partners._check_success_role()
        strangers = partners.filtered(lambda partner: not partner.success_stage_id)
        if strangers:
            raise UserError(
                self.env._(
                    "%s is not followed as a customer yet. Set its adoption stage first.",
                    strangers[0].display_name,
                )
            )

    @api.model
    def _language_of(self, partner):
        """Return the code of the customer's language if it is installed, otherwise the reader's."""
        installed = dict(self.env["res.lang"].get_installed())
        return partner.lang if partner.lang in installed else (self.env.lang or "en_US")

    @api.model
    def _direction(self, lang):
        return self.env["res.lang"]._get_data(code=lang).direction or "ltr"

    # ------------------------------------------------------------------------------------------
    # All facts, and those that a customer may read
    # ------------------------------------------------------------------------------------------

    @api.model
    def _facts(self, partner, start, end, product=None):
        """Return the facts about ``partner`` from ``start`` to ``end``, both included, by subject."""
        barriers = self._barriers(partner, start, end)
        objectives = self._objectives(partner, start, end)
        changes = self._changes(partner, start)
        today = fields.Date.context_today(self)
        return {
            "from": format_date(self.env, start),
            "to": format_date(self.env, end),
            "conversations": self._conversations(partner, start, end),
            "use": self._use(partner, start, end, product),
            "degrees": self._degrees(partner, start, end, product),
            "barriers_open": [row for row in barriers if row["is_open"]],
            "barriers_removed": [row for row in barriers if row["in_period"]],
            "barriers_found": sum(row["is_new"] for row in barriers),
            "barriers_found_shared": sum(row["is_new"] and row["shared"] for row in barriers),
            "objectives_proven": [row for row in objectives if row["is_proven"]],
            "objectives_open": [row for row in objectives if row["is_open"]],
            "changes_carried": [
                row for row in changes if row["done"] and start <= row["day"] <= end
            ],
            "changes_ahead": [
                row
                for row in changes
                if row["is_open"] and (row["day"] >= today or not row["done"])
            ],
            "plays": self._plays(partner, start, end),
            "steps": self._steps(partner),
        }

    @api.model
    def _for_customer(self, facts):
        """Return the facts that a customer may read: shared records, and results that it confirmed itself."""
        rows = {
            "barriers_open": "barriers",
            "barriers_removed": "barriers",
            "objectives_proven": "objectives",
            "objectives_open": "objectives",
            "changes_carried": "changes",
            "changes_ahead": "changes",
        }
        public = {key: facts[key] for key in ("from", "to", "conversations", "use", "steps")}
        for key, kind in rows.items():
            public[key] = [
                {name: row[name] for name in PUBLIC[kind]}
                for row in facts[key]
                if row["shared"] or row.get("is_confirmed")
            ]
        for row in public["objectives_proven"] + public["objectives_open"]:
            if not row["is_confirmed"]:
                row["money"] = False
        public["barriers_found"] = facts["barriers_found_shared"]
        return public

    # ------------------------------------------------------------------------------------------
    # One method for each subject
    # ------------------------------------------------------------------------------------------

    @api.model
    def _conversations(self, partner, start, end):
        """Return the conversations held, by kind, those with the most hours first."""
        talks = self.env["customer.success.interaction"]
        kinds = self._labels(talks, "kind")
        groups = talks._read_group(
            [
                ("partner_id", "=", partner.id),
                ("state", "=", "held"),
                ("kind", "!=", "internal"),
                ("date", ">=", start),
                ("date", "<=", end),
            ],
            ["kind"],
            ["__count", "duration:sum", "advice_hours:sum"],
        )
        lines = [
            {"kind": kinds[kind], "count": count, "hours": self._figure(hours)}
            for kind, count, hours, _advice in sorted(groups, key=lambda group: -group[2])
        ]
        return {
            "lines": lines,
            "count": sum(group[1] for group in groups),
            "advice_hours": self._figure(sum(group[3] for group in groups)),
        }

    @api.model
    def _barriers(self, partner, start, end):
        """Return the barriers that are open, or were found or removed in the period, the longest open first."""
        barriers = self.env["customer.success.barrier"]
        in_period = Domain("date_removed", ">=", start) & Domain("date_removed", "<=", end)
        found = barriers.search(
            Domain("partner_id", "=", partner.id)
            & (
                Domain("is_open", "=", True)
                | (Domain("state", "in", REMOVED) & in_period)
                | (Domain("date_opened", ">=", start) & Domain("date_opened", "<=", end))
            ),
            order="date_opened, id",
        )
        areas = self._labels(barriers, "area")
        authorities = self._labels(barriers, "authority")
        severities = self._labels(barriers, "severity")
        states = self._labels(barriers, "state")
        return [
            {
                "name": barrier.name,
                "area": areas[barrier.area],
                "owner": barrier.owner_contact_id.name,
                "granted": barrier.authority == "granted",
                "opened": format_date(self.env, barrier.date_opened),
                "due": format_date(self.env, barrier.date_due),
                "removed": format_date(self.env, barrier.date_removed),
                "days": barrier.days_open,
                # Ours, not the customer's
                "number": barrier.number,
                "authority": authorities[barrier.authority],
                "severity": severities[barrier.severity],
                "state": states[barrier.state],
                "resolution": barrier.resolution,
                "is_open": barrier.is_open,
                "is_new": start <= barrier.date_opened <= end,
                "in_period": barrier.state in REMOVED
                and bool(barrier.date_removed)
                and start <= barrier.date_removed <= end,
                "shared": barrier._is_shared_now(),
            }
            for barrier in found
        ]

    @api.model
    def _objectives(self, partner, start, end):
        """Return the objectives that are open, reached or confirmed, confirmed ones first."""
        objectives = self.env["customer.success.objective"]
        found = objectives.search(
            [("partner_id", "=", partner.id), ("state", "in", ("open", "reached", "confirmed"))]
        )
        states = self._labels(objectives, "state")
        rows = []
        terms = self._labels(objectives, "horizon")
        for objective in found:
            shared = objective._is_shared_now()
            confirmed = objective.state == "confirmed"
            day = objective.confirmed_date or objective.date_due
            unit = objective.unit or ""
            rows.append(
                {
                    "name": objective.name,
                    "metric": objective.metric,
                    "baseline": self._figure(objective.baseline, unit),
                    "target": self._figure(objective.target, unit),
                    "actual": self._figure(objective.actual, unit),
                    "progress": False
                    if objective.progress is False
                    else round(max(0.0, min(objective.progress, 100.0))),
                    "due": format_date(self.env, objective.date_due),
                    "state": states[objective.state],
                    "is_confirmed": confirmed,
                    "confirmed_by": objective.confirmed_by_id.name,
                    "confirmed_on": format_date(self.env, objective.confirmed_date),
                    "is_early": objective.is_early,
                    "money": self._money(
                        not objective.is_early and objective.realised_value, objective.currency_id
                    ),
                    "shown_return": self._returned(objective)
                    if objective.is_cost_shared and shared
                    else "",
                    "term": terms[objective.horizon],
                    "shown_ours": shared and objective.our_contribution,
                    "shown_theirs": shared and objective.customer_contribution,
                    # Ours, not the customer's
                    "returned": self._returned(objective),
                    "ours": objective.our_contribution,
                    "theirs": objective.customer_contribution,
                    "evidence": objective.evidence,
                    "is_open": objective.state == "open",
                    # An objective that was reached and has no date yet counts until it is confirmed.
                    "is_proven": confirmed and bool(day) and start <= day <= end
                    if confirmed
                    else objective.state == "reached",
                    "shared": shared,
                }
            )
        return sorted(rows, key=lambda row: not row["is_confirmed"])

    @api.model
    def _returned(self, objective):
        """Return the cost of an objective and the return from it as a text; an empty one if the cost is unknown."""
        cost = self._money(objective.cost, objective.currency_id)
        if not cost:
            return ""
        if objective.return_rate is False:
            return self.env._("cost %s", cost)
        return self.env._(
            "cost %(cost)s, return %(rate)s", cost=cost, rate=f"{round(objective.return_rate)} %"
        )

    @api.model
    def _changes(self, partner, start):
        """Return the changes since the start of the period, including future ones."""
        changes = self.env["customer.success.change"]
        found = changes.search(
            Domain("partner_id", "=", partner.id)
            & Domain("state", "!=", "dropped")
            & (Domain("date", ">=", start) | Domain("is_open", "=", True)),
            order="date, id",
        )
        kinds = self._labels(changes, "kind")
        return [
            {
                "name": change.name,
                "kind": kinds[change.kind],
                "date": format_date(self.env, change.date),
                "done": change.state in ("running", "done"),
                "affected": change.people_affected,
                "adopted": change.people_adopted,
                # Ours, not the customer's
                "day": change.date,
                "plan": change.adoption_plan,
                "is_open": change.is_open,
                "shared": change._is_shared_now(),
            }
            for change in found
        ]

    @api.model
    def _use(self, partner, start, end, product=None):
        """Return the adoption rate in % (active by licensed users) by month, with the chart that shows it."""
        points = self._use_by_month(partner, start, end, product)
        if not points:
            return {"chart": None, "said": "", "months": []}
        first, last = points[0][1], points[-1][1]
        months = [format_date(self.env, day, date_format="MMM yyyy") for day, _value in points]
        if len(points) == 1:
            said = self.env._(
                "%(value)s %% of the licensed users were active in %(month)s.",
                value=round(last),
                month=months[0],
            )
        else:
            said = self.env._(
                "From %(first)s %% of the licensed users in %(from)s to %(last)s %% in %(to)s.",
                first=round(first),
                last=round(last),
                **{"from": months[0], "to": months[-1]},
            )
        return {
            "chart": chart.line(points),
            "said": said,
            "months": months,
            "first": f"{round(first)} %",
            "last": f"{round(last)} %",
        }

    @api.model
    def _use_by_month(self, partner, start, end, product=None):
        """Return ``[(month, %)]`` of the measured usage; of the assessed usage if nothing was measured."""
        domain = Domain(
            [
                ("partner_id", "=", partner.id),
                ("date", ">=", fields.Date.start_of(start, "month")),
                ("date", "<=", end),
                ("adoption", "!=", False),
            ]
        )
        # A product that was replaced is read as its successor.
        read_as = partner._success_read_as()
        joined = partner._success_joined(read_as)
        shown = product and self._read_as(partner, product)
        if shown:
            domain &= Domain("product_id", "=", shown.id)
        apart = [one.id for one, last in read_as.items() if last in joined]
        together = partner._success_joined_months(start) if joined else []
        for source in ("measured", "assessed"):
            groups = self.env["customer.success.usage"]._read_group(
                domain & Domain("source", "=", source) & Domain("product_id", "not in", apart),
                ["date:month"],
                ["active_users:sum", "licensed_users:sum"],
            )
            months = {month: sums for month, *sums in groups}
            for one, _period, of_source, month, licensed, active in together:
                if (
                    of_source == source
                    and licensed
                    and active is not None
                    and month <= end
                    and (not shown or one == shown)
                ):
                    sums = months.setdefault(month, [0, 0])
                    sums[0] += active
                    sums[1] += licensed
            if months:
                return [
                    (month, min(100.0, 100.0 * active / licensed))
                    for month, (active, licensed) in sorted(months.items())
                ]
        return []

    @api.model
    def _read_as(self, partner, product):
        """Return the product as which a product is read at this customer."""
        used = list(partner._success_read_as())
        return (product | product.union(*used))._success_read_as()[product]

    @api.model
    def _degrees(self, partner, start, end, product=None):
        """Return the first and the last known value of each degree of use in the period."""
        domain = Domain(
            [("partner_id", "=", partner.id), ("date", ">=", start), ("date", "<=", end)]
        )
        if product:
            shown = self._read_as(partner, product)
            read_as = partner._success_read_as()
            same = [one.id for one, last in read_as.items() if last == shown]
            domain &= Domain("product_id", "in", [product.id, *same])
        usage = self.env["customer.success.usage"].search(domain, order="date, id")
        names = usage.fields_get(DEGREES, ["string"])
        lines = []
        for degree in DEGREES:
            known = [value for value in usage.mapped(degree) if value is not False]
            if known:
                lines.append(
                    {
                        "name": names[degree]["string"],
                        "first": round(known[0]),
                        "last": round(known[-1]),
                    }
                )
        return lines

    @api.model
    def _plays(self, partner, start, end):
        """Return the playbook runs and their outcomes."""
        runs = self.env["customer.success.play.run"].search(
            [("partner_id", "=", partner.id), ("date", ">=", start), ("date", "<=", end)],
            order="date, id",
        )
        outcomes = self._labels(runs, "outcome")
        states = self._labels(runs, "state")
        return [
            {
                "name": run.play_id.name,
                "date": format_date(self.env, run.date),
                "reason": run.reason,
                "outcome": outcomes.get(run.outcome) or states[run.state],
            }
            for run in runs
        ]

    @api.model
    def _steps(self, partner):
        """Return the next steps: agreed conversations, and open tasks about shared records."""
        today = fields.Date.context_today(self)
        talks = self.env["customer.success.interaction"]
        barriers = self.env["customer.success.barrier"]
        objectives = self.env["customer.success.objective"]
        kinds = self._labels(talks, "kind")
        agreed = talks.search(
            [
                ("partner_id", "=", partner.id),
                ("state", "=", "planned"),
                ("kind", "in", AGREED_KINDS),
                ("date", ">=", today),
            ]
        )
        to_remove = barriers.search(barriers._shared_domain(partner) & Domain("is_open", "=", True))
        to_reach = objectives.search(
            objectives._shared_domain(partner)
            & Domain("state", "=", "open")
            & Domain("date_due", "!=", False)
        )
        steps = [
            *(
                {"date": talk.date, "what": kinds[talk.kind], "who": talk.user_id.name}
                for talk in agreed
            ),
            *(
                {
                    "date": barrier.date_due,
                    "what": self._say_step(barrier),
                    "who": False,
                }
                for barrier in to_remove
            ),
            *(
                {"date": objective.date_due, "what": objective.name, "who": objective.user_id.name}
                for objective in to_reach
            ),
        ]
        steps.sort(key=lambda step: (not step["date"], step["date"] or today))
        return [{**step, "date": format_date(self.env, step["date"])} for step in steps]

    def _say_step(self, barrier):
        owner = barrier.owner_contact_id
        if not owner:
            return self.env._(
                "Find somebody who can change “%s”, and give them the authority", barrier.name
            )
        if barrier.authority != "granted":
            return self.env._(
                "Give %(owner)s the authority to remove “%(barrier)s”",
                owner=owner.name,
                barrier=barrier.name,
            )
        return self.env._("Remove “%s”", barrier.name)

    # ------------------------------------------------------------------------------------------
    # Formatting
    # ------------------------------------------------------------------------------------------

    @api.model
    def _labels(self, records, field):
        return dict(records._fields[field]._description_selection(self.env))

    @api.model
    def _figure(self, value, unit=""):
        """Return a number as the language writes it, without trailing zeros; an empty text if it is unknown."""
        if value is False or value is None:
            return ""
        digits = next((n for n in (0, 1) if round(value, n) == round(value, 2)), 2)
        return f"{formatLang(self.env, value, digits=digits)} {unit}".strip()

    @api.model
    def _money(self, amount, currency):
        """Return an amount with the code of its currency, which every currency has; an empty text for none."""
        return f"{formatLang(self.env, amount, digits=0)} {currency.name}" if amount else ""
