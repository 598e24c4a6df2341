from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring.effect_events import ANY_TALK, WITH
from ...scoring.effects import LEAST, MEASURES, Estimate, estimate, verdict
from ..common.known_float import KnownFloat

KINDS = [
    ("play", "Playbook"),
    ("advice", "Recommendation"),
    ("barrier", "Barriers Removed"),
    ("question", "Question"),
    ("talk", "Conversations"),
]
VERDICTS = [
    ("helps", "Helps"),
    ("harms", "Harms"),
    ("mixed", "Contradictory"),
    ("open", "No Difference Seen"),
    ("habit", "Maybe the CSM"),
    ("nobody", "Nobody to Compare With"),
    ("few", "Too Few Yet"),
]
# The order of proposals follows what was measured: these are raised or lowered, all others stay.
RANKS = {"helps": 1, "harms": -1}
# The models whose records are named by the id in ``subject``.
NAMED = {
    "play": "customer.success.play",
    "advice": "customer.success.recommendation",
    "question": "customer.success.question",
}


def _points(label, **more):
    return KnownFloat(label, digits=(6, 1), readonly=True, aggregator=None, **more)


class CustomerSuccessEffect(models.Model):
    """The effect of a thing that was done, compared with customers as much at risk for whom it was not done.

    One row for each thing, window and company; only the weekly job writes it. Differences of fewer than ten customers on a side
    are not even stored.
    """

    _name = "customer.success.effect"
    _description = "Effect of What Was Done"
    _log_access = False
    _order = "rank desc, kind, done desc, id"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    subject = fields.Char(required=True, readonly=True)
    name = fields.Char("What", compute="_compute_name")
    days = fields.Selection(
        [("90", "90 days"), ("180", "180 days")], "Window", required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    done = fields.Integer(
        "Done For",
        readonly=True,
        aggregator=None,
        help="The number of customers for whom it was done early enough for the window to be over, at most 100 for each month.",
    )
    treated = fields.Integer(
        "Compared",
        readonly=True,
        aggregator=None,
        help="The number of these customers that have a match.",
    )
    controls = fields.Integer(
        readonly=True,
        aggregator=None,
        help="The number of customers as much at risk in the same month, for whom it was not done.",
    )
    measure = fields.Selection(
        [("use", "Use"), ("renewal", "Renewals")],
        "Decided By",
        readonly=True,
        help="The measure of the verdict and of the two numbers of customers.",
    )
    verdict = fields.Selection(VERDICTS, readonly=True, required=True)
    rank = fields.Integer(
        readonly=True, aggregator=None, help="1 raises it among proposals, -1 lowers it."
    )
    use_treated = fields.Integer(readonly=True, aggregator=None)
    use_controls = fields.Integer(readonly=True, aggregator=None)
    use_difference = _points("Use, Difference")
    use_low = _points("Use, From")
    use_high = _points("Use, To")
    health_treated = fields.Integer(readonly=True, aggregator=None)
    health_controls = fields.Integer(readonly=True, aggregator=None)
    health_difference = _points("Health, Difference")
    health_low = _points("Health, From")
    health_high = _points("Health, To")
    risk_treated = fields.Integer(readonly=True, aggregator=None)
    risk_controls = fields.Integer(readonly=True, aggregator=None)
    risk_difference = _points("Risk, Difference")
    risk_low = _points("Risk, From")
    risk_high = _points("Risk, To")
    renewal_treated = fields.Integer(readonly=True, aggregator=None)
    renewal_controls = fields.Integer(readonly=True, aggregator=None)
    renewal_difference = _points("Renewals, Difference")
    renewal_low = _points("Renewals, From")
    renewal_high = _points("Renewals, To")
    use_said = fields.Char(
        "Adoption Rate (Points)",
        compute="_compute_said",
        help="How much more the adoption rate rose than at the controls, with its interval.",
    )
    health_said = fields.Char(
        "Health (Points)",
        compute="_compute_said",
        help="How much more the health score rose than at the controls. What was done may count in the score itself.",
    )
    risk_said = fields.Char(
        "Churn Risk (Points)",
        compute="_compute_said",
        help="How much more the churn risk rose than at the controls; below 0 is better. What was done may count in it itself.",
    )
    renewal_said = fields.Char(
        "Renewed (Points)",
        compute="_compute_said",
        help="How much higher the share of renewed terms was than at the controls, of those due within the window.",
    )
    said = fields.Char("In Words", compute="_compute_said")

    _thing_uniq = models.UniqueIndex(
        "(kind, subject, days, COALESCE(company_id, 0))", "A thing is measured once."
    )

    @api.depends("kind", "subject")
    @api.depends_context("lang")
    def _compute_name(self):
        names = {}
        for kind, model in NAMED.items():
            ids = {int(effect.subject) for effect in self if effect.kind == kind}
            records = self.env[model].sudo().with_context(active_test=False).browse(ids).exists()
            names |= {(kind, str(record.id)): record.name for record in records}
        areas = (
            self.env["customer.success.barrier"]._fields["area"]._description_selection(self.env)
        )
        names |= {("barrier", code): label for code, label in areas}
        names |= {("talk", code): label for code, label in self._talk_names().items()}
        for effect in self:
            effect.name = names.get((effect.kind, effect.subject), effect.subject)

    @api.model
    def _talk_names(self):
        """Return the names of the kinds of conversations."""
        _ = self.env._
        role = self.env["customer.success.stakeholder"]._fields["role"]
        with_them = {
            WITH + code: _("With: %s, compared with others", label)
            for code, label in role._description_selection(self.env)
        }
        return {
            ANY_TALK: _("Any conversation, compared with none"),
            "deep": _("Quality 4 or 5, compared with 1 to 3"),
            "obstacles": _("On what stands in their way, compared with the product"),
            "questions": _("Three answers or more, compared with fewer"),
            "planned": _("Planned, compared with reactive"),
            **with_them,
        }

    @api.depends(
        "days",
        "done",
        "measure",
        "verdict",
        *(f"{name}_{part}" for name in MEASURES for part in Estimate._fields),
    )
    @api.depends_context("lang")
    def _compute_said(self):
        for effect in self:
            for name in MEASURES:
                effect[f"{name}_said"] = effect._say(effect._estimate(name))
            effect.said = effect._say_verdict()

    def _estimate(self, name):
        """Return the stored :class:`Estimate` of a measure."""
        self.ensure_one()
        values = (self[f"{name}_{part}"] for part in ("difference", "low", "high"))
        return Estimate(
            self[f"{name}_treated"],
            self[f"{name}_controls"],
            *(None if value is False else value for value in values),
        )

    def _say(self, found):
        """Return a difference with its interval, or how many customers there are of ten."""
        if found.low is None:
            return self.env._(
                "too few yet: %(number)d of %(least)d",
                number=min(found.treated, found.controls),
                least=LEAST,
            )
        return self.env._(
            "%(difference)+.1f (%(low)+.1f to %(high)+.1f)",
            difference=found.difference,
            low=found.low,
            high=found.high,
        )

    def _say_verdict(self):
        """Return the verdict as a sentence."""
        _ = self.env._
        self.ensure_one()
        found = self._estimate(self.measure or "use")
        if self.verdict == "few":
            return _(
                "Too few yet: %(number)d of %(least)d.",
                number=min(self.done, LEAST - 1),
                least=LEAST,
            )
        if self.verdict == "nobody":
            return _(
                "Done for %(done)d, but too few can be compared: %(treated)d of them, with %(controls)d as much at risk without "
                "it. At least %(least)d are needed on each side.",
                done=self.done,
                treated=found.treated,
                controls=found.controls,
                least=LEAST,
            )
        if self.verdict == "habit":
            return _(
                "Some CSMs do it at nearly all customers and the others at nearly none: what it does cannot be told from what "
                "the CSM does."
            )
        values = {
            "days": int(self.days),
            "difference": found.difference,
            "low": found.low,
            "high": found.high,
            "treated": found.treated,
            "controls": found.controls,
        }
        if self.measure == "renewal":
            texts = {
                "helps": _(
                    "Helps: after %(days)d days %(difference)+.1f points of terms renewed (%(low)+.1f to %(high)+.1f), "
                    "%(treated)d customers against %(controls)d. Observed, not proved.",
                    **values,
                ),
                "harms": _(
                    "Harms: after %(days)d days %(difference)+.1f points of terms renewed (%(low)+.1f to %(high)+.1f), "
                    "%(treated)d customers against %(controls)d. Observed, not proved.",
                    **values,
                ),
            }
            words = _(
                "After %(days)d days %(difference)+.1f points of terms renewed (%(low)+.1f to %(high)+.1f), %(treated)d "
                "customers against %(controls)d: it may as well be chance.",
                **values,
            )
        else:
            texts = {
                "helps": _(
                    "Helps: after %(days)d days %(difference)+.1f points of adoption (%(low)+.1f to %(high)+.1f), "
                    "%(treated)d customers against %(controls)d. Observed, not proved.",
                    **values,
                ),
                "harms": _(
                    "Harms: after %(days)d days %(difference)+.1f points of adoption (%(low)+.1f to %(high)+.1f), "
                    "%(treated)d customers against %(controls)d. Observed, not proved.",
                    **values,
                ),
            }
            words = _(
                "After %(days)d days %(difference)+.1f points of adoption (%(low)+.1f to %(high)+.1f), %(treated)d "
                "customers against %(controls)d: it may as well be chance.",
                **values,
            )
        texts["mixed"] = _(
            "Use and renewals contradict each other after %(days)d days: look at both.",
            days=int(self.days),
        )
        return texts.get(self.verdict, words)

    # ------------------------------------------------------------------------------------------
    # What others ask
    # ------------------------------------------------------------------------------------------

    @api.model
    def _measured(self, kind, subjects, company):
        """Return ``{subject: effect}`` of those measured: of the company if it has its own, and the longer window if it says more."""
        found = {}
        companies = [False, *(company.ids if company else ())]
        effects = self.sudo().search(
            [
                ("kind", "=", kind),
                ("subject", "in", list(subjects)),
                ("company_id", "in", companies),
            ]
        )
        for effect in effects.sorted(
            lambda effect: (
                bool(effect.rank),
                effect.verdict not in ("few", "nobody"),
                bool(effect.company_id),
                int(effect.days),
            )
        ):
            found[effect.subject] = effect
        return found

    @api.model
    def _ranks(self, kind, subjects, company):
        """Return ``{subject: 1 or -1}`` of those whose effect was measured and holds."""
        measured = self._measured(kind, subjects, company)
        return {subject: effect.rank for subject, effect in measured.items() if effect.rank}

    @api.model
    def _rank_sql(self, kind, subject):
        """Return the SQL of the rank of a thing, in the company of the user; ``subject`` is the SQL of its id."""
        self.flush_model(["kind", "subject", "company_id", "rank"])
        return SQL(
            """COALESCE((SELECT effect.rank
                           FROM customer_success_effect effect
                          WHERE effect.kind = %s
                            AND effect.subject = %s::text
                            AND effect.rank <> 0
                            AND COALESCE(effect.company_id, %s) = %s
                       ORDER BY effect.company_id NULLS LAST, effect.days::int DESC
                          LIMIT 1), 0)""",
            kind,
            subject,
            self.env.company.id,
            self.env.company.id,
        )

    # ------------------------------------------------------------------------------------------
    # The end of the weekly job
    # ------------------------------------------------------------------------------------------

    @api.model
    def _sum_up(self):
        """Store the effects of all things from the pairs of all months; remove those of which nothing is left."""
        effects = self.sudo()
        stored = {
            (one.kind, one.subject, one.days, one.company_id.id): one for one in effects.search([])
        }
        for key, pairs in self.env["customer.success.effect.pair"]._by_thing():
            vals = self._summed(pairs)
            effect = stored.pop(key, None)
            if effect is None:
                kind, subject, days, company_id = key
                effects.create(
                    {
                        "kind": kind,
                        "subject": subject,
                        "days": days,
                        "company_id": company_id,
                        **vals,
                    }
                )
            elif any(
                effect[name] != (False if value is None else value) for name, value in vals.items()
            ):
                effect.write(vals)
        effects.union(*stored.values()).unlink()

    @api.model
    def _summed(self, pairs):
        """Return the values of an effect from its pairs, ``(customer, its CSM, control, its CSM, {measure: difference})``."""
        done = {partner for partner, *_rest in pairs}
        estimates = {
            name: estimate(
                [
                    (partner, measures[name], control, 0.0)
                    for partner, _csm, control, _other, measures in pairs
                    if measures.get(name) is not None
                ],
                is_rate=name == "renewal",
            )
            for name in MEASURES
        }
        theirs = {other for _partner, _csm, control, other, _measures in pairs if control}
        shared = {
            partner
            for partner, csm, control, _other, _measures in pairs
            if control and csm in theirs
        }
        said, measure = verdict(len(done), estimates, alike=len(shared) >= LEAST)
        decisive = estimates[measure]
        vals = {
            "done": len(done),
            "treated": decisive.treated,
            "controls": decisive.controls,
            "measure": measure,
            "verdict": said,
            "rank": RANKS.get(said, 0),
        }
        for name, found in estimates.items():
            vals |= {f"{name}_{part}": value for part, value in found._asdict().items()}
        return vals
