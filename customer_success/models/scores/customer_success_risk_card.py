from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ...scoring import learning
from ...scoring.drawn import chart, deciles
from ...scoring.evaluation import FEW, Gap, evaluate, gap
from ...scoring.risk import WORDS
from ...scoring.shapes import Levels, slope
from ...scoring.shown import whole

# The groups of outcomes in which a version is judged, in the order of the page.
GROUPS = ("cohort", "segment", "company", "quarter")
# A mean slope that moved by less is as before.
SAME_SLOPE = 0.05


class CustomerSuccessRiskVersion(models.Model):
    """The page of a version of the risk model: its data, its quality, where it is weak, and its curves."""

    _inherit = "customer.success.risk.version"

    report = fields.Html("Model Card", compute="_compute_report", sanitize=False)

    # ------------------------------------------------------------------------------------------
    # What is kept of a version when it is made
    # ------------------------------------------------------------------------------------------

    @api.model
    def _evaluation(self, cases, priors, lesson):
        """Return the evaluation of a lesson as a value of JSON."""
        held_back = [case for case in cases if case.day >= lesson.until]
        companies = self._traits({case.renewal for case in cases})
        counted = {}
        for traits in companies.values():
            counted[traits["company"]] = counted.get(traits["company"], 0) + 1
        return {
            **{
                name: getattr(lesson, name)._asdict()
                for name in ("fresh", "standing", "experts", "constant", "views", "beside_views")
            },
            "groups": self._groups(held_back, lesson.trial),
            "period": [str(min(case.day for case in cases)), str(max(case.day for case in cases))],
            "companies": sorted(counted.items(), key=lambda line: (-line[1], line[0])),
            "priors": {code: prior.mean for code, prior in priors.items()},
        }

    @api.model
    def _traits(self, renewal_ids):
        """Return what renewals are grouped by, ``{id: {segment, cohort, company}}``, with one query."""
        self.env["customer.success.renewal"].flush_model()
        self.env["res.partner"].flush_model(["success_segment_id", "success_go_live_date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT renewal.id,
                       customer.success_segment_id,
                       date_part('year', LEAST(customer.success_go_live_date, renewal.anchor_start,
                                               renewal.date_start))::int,
                       renewal.company_id
                  FROM customer_success_renewal renewal
                  JOIN res_partner customer ON customer.id = renewal.partner_id
                 WHERE renewal.id = ANY(%s)
                """,
                list(renewal_ids),
            )
        )
        return {
            renewal: {"segment": segment, "cohort": year, "company": company}
            for renewal, segment, year, company in rows
        }

    @api.model
    def _groups(self, cases, shapes):
        """Return how these shapes did on outcomes that they had not seen, ``{kind: [{key, count, predicted, actual, z, brier}]}``.

        ``key`` is the year in which the customer started, the id of today's segment or of the company, or the quarter of
        the decision.
        """
        said = learning.forecasts(cases, shapes)
        days = {case.renewal: case.day for case in cases}
        found = {}
        for renewal, traits in self._traits(said).items():
            day = days[renewal]
            traits["quarter"] = f"{day.year}-Q{(day.month + 2) // 3}"
            for kind in GROUPS:
                found.setdefault((kind, traits[kind]), []).append(said[renewal])
        groups = {kind: [] for kind in GROUPS}
        for (kind, key), rows in sorted(found.items(), key=lambda one: (one[0][0], str(one[0][1]))):
            brier = evaluate(rows).brier
            groups[kind].append({"key": key, **gap(rows)._asdict(), "brier": brier})
        return groups

    # ------------------------------------------------------------------------------------------
    # The page
    # ------------------------------------------------------------------------------------------

    @api.depends("evaluation", "coefficients", "state", "drift")
    @api.depends_context("lang", "uid")
    def _compute_report(self):
        factors = self.env["customer.success.factor"].with_context(active_test=False)
        factors = factors.search(fields.Domain.TRUE)
        for version in self:
            known, evaluation = version._shapes(), version.evaluation or {}
            groups = version._named_groups()
            version.report = self.env["ir.qweb"]._render(
                "customer_success.risk_version_report",
                {
                    "version": version,
                    "evaluation": evaluation,
                    "whole": whole,
                    "few": FEW,
                    "period": [format_date(self.env, day) for day in evaluation.get("period", ())],
                    "companies": [
                        (version._word_name("company", key), count)
                        for key, count in evaluation.get("companies", ())
                    ],
                    "rows": version._rows(),
                    "deciles": deciles((evaluation.get("fresh") or {}).get("deciles")),
                    "groups": groups,
                    "weak": version._weak(groups),
                    "changed": version._changed(),
                    "lines": [
                        (factor, known.get(factor.code) and slope(known[factor.code]))
                        for factor in factors
                        if (factor.prior or factor.code in known) and factor.code not in WORDS
                    ],
                    "curves": version._curves(factors, known),
                    "words": version._words(factors, known),
                },
            )

    def _rows(self):
        """Return the lines of the table of quality, ``[(name, measures)]``."""
        _, found = self.env._, self.evaluation or {}
        names = {
            "fresh": _("This version"),
            "standing": _("The version in force before"),
            "experts": _("The priors of experts"),
            "constant": _("The same risk for everybody"),
            "views": _("The CSMs' own view, where there is one"),
            "beside_views": _("This version, where there is a view"),
        }
        return [
            (name, found[code])
            for code, name in names.items()
            if found.get(code) and found[code]["count"]
        ]

    def _named_groups(self):
        """Return the groups of the page, ``[(title, column, [{name, …}])]``."""
        self.ensure_one()
        _ = self.env._
        found = (self.evaluation or {}).get("groups") or {}
        titles = {
            "cohort": (_("By Year of the Customer's Start"), _("Customers since")),
            "segment": (_("By Segment"), _("Segment")),
            "company": (_("By Company"), _("Company")),
            "quarter": (_("By Quarter of the Decision"), _("Quarter")),
        }
        named = []
        for kind, (title, column) in titles.items():
            lines = [
                {**line, "name": self._key_name(kind, line["key"])} for line in found.get(kind, ())
            ]
            if lines and (kind != "company" or len(lines) > 1):
                named.append((title, column, lines))
        return named

    def _key_name(self, kind, key):
        if kind in ("segment", "company"):
            return self._word_name(kind, key) if key else self.env._("No segment")
        return str(key) if key else self.env._("Unknown")

    def _weak(self, groups):
        """Return in words where the predictions are off by more than chance explains, the largest gap first."""
        _ = self.env._
        lines = [
            (line, Gap(line["count"], line["predicted"], line["actual"], line["z"]), column)
            for _title, column, rows in groups
            for line in rows
        ]
        judged = [one for one in lines if one[0]["count"] >= FEW]
        if not judged:
            return [_("No group has enough outcomes to judge.")]
        off = [one for one in judged if one[1].is_no_chance(len(judged))]
        if not off:
            return [_("No group is further from its prediction than chance explains.")]
        return [
            _(
                "%(column)s %(name)s: %(actual)d %% left, %(predicted)d %% were predicted (%(count)d renewals). Chance "
                "alone hardly explains it: read risks there with care.",
                column=column,
                name=line["name"],
                actual=whole(line["actual"]),
                predicted=whole(line["predicted"]),
                count=line["count"],
            )
            for line, _gap, column in sorted(off, key=lambda one: -abs(one[1].z))[:3]
        ]

    def _changed(self):
        """Return in words what changed against the version before, as a list."""
        self.ensure_one()
        before = self.search([("number", "<", self.number), ("number", ">", 0)], limit=1)
        if not self.number or not before:
            return []
        _, names = self.env._, self.env["customer.success.factor"]._names()
        now, then = self._shapes(), before._shapes()
        said = [
            _(
                "%(more)d more renewals had ended than for %(version)s.",
                more=self.outcomes - before.outcomes,
                version=before.display_name,
            )
        ]
        for text, codes in (
            (_("New factors: %s."), now.keys() - then.keys()),
            (_("Factors that no longer count: %s."), then.keys() - now.keys()),
        ):
            if codes:
                said.append(text % ", ".join(sorted(names.get(code, code) for code in codes)))
        priors, former = (
            (version.evaluation or {}).get("priors") or {} for version in (self, before)
        )
        if other := sorted(
            names.get(code, code)
            for code in priors.keys() & former.keys()
            if priors[code] != former[code]
        ):
            said.append(_("Experts expect something else of: %s.", ", ".join(other)))
        slopes = {
            code: (slope(then[code]), slope(now[code]))
            for code in now.keys() & then.keys()
            if slope(now[code]) is not None and slope(then[code]) is not None
        }
        moved = [
            (code, old, new) for code, (old, new) in slopes.items() if abs(new - old) >= SAME_SLOPE
        ]
        said += [
            _(
                "%(factor)s: the mean slope went from %(old)+.2f to %(new)+.2f.",
                factor=names.get(code, code),
                old=old,
                new=new,
            )
            for code, old, new in sorted(moved, key=lambda one: -abs(one[2] - one[1]))
        ]
        if not moved:
            said.append(_("No factor's mean slope moved by %s or more.", SAME_SLOPE))
        return said

    # ------------------------------------------------------------------------------------------
    # Curves and words
    # ------------------------------------------------------------------------------------------

    def _curves(self, factors, known, found=None):
        """Return the drawings of the curves, ``[{name, unit, known, …}]``; see :func:`~...scoring.drawn.chart`.

        ``found`` are the deviations of one customer, by code; only curves on which it has a place are drawn then.
        """
        support = self.support or {}
        priors = (self.evaluation or {}).get("priors") or {}
        base = known.get(
            "base", priors.get("base", factors.filtered(lambda one: one.code == "base").prior)
        )
        drawn = []
        for factor in factors:
            code = factor.code
            at = None if found is None else found.get(code)
            if found is not None and at is None:
                continue
            prior = priors.get(code, factor.prior)
            shape = known.get(code)
            if shape is None and (self.number or not prior):
                continue
            if curve := chart(code, base, prior, shape, support.get(code), at):
                drawn.append({**curve, "code": code, "name": factor.name, "unit": self._unit(code)})
        return drawn

    def _unit(self, code):
        if code == "tenure":
            return self.env._("years as a customer")
        if code == "term":
            return self.env._("months of the term")
        return self.env._("value of the factor, 0 (bad) to 100 (good)")

    def _words(self, factors, known):
        """Return the tables of words, ``[{name, rows, unknown}]``, the level that raises the risk most first.

        A row is ``(name, level, outcomes)``. Records are named as the reader may see them.
        """
        tables = []
        for factor in factors:
            shape = known.get(factor.code)
            if not isinstance(shape, Levels):
                continue
            support = (self.support or {}).get(factor.code)
            support = support if isinstance(support, dict) else {}
            tables.append(
                {
                    "name": factor.name,
                    "rows": [
                        (self._word_name(factor.code, word), level, support.get(word))
                        for word, level in sorted(
                            shape.levels.items(), key=lambda one: (-one[1], one[0])
                        )
                    ],
                    "unknown": (shape.unknown, support.get("")),
                }
            )
        return tables

    @api.model
    def _word_name(self, code, word):
        """Return the name of a word for the current user, who may not see its record; it may be gone."""
        return self.env["customer.success.explanation"]._say_word(code, word) or self.env._(
            "a record that you may not see or that is gone"
        )
