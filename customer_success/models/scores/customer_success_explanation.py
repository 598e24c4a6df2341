from odoo import api, models
from odoo.tools import format_date

from ...scoring.readiness import five
from ...scoring.use import DEGREES
from ..use.customer_success_usage_figures import DEGREES as DEGREE_NAMES

# The line of a risk that is the same for all.
START = "base"


class CustomerSuccessExplanation(models.AbstractModel):
    """Says in words what a stored breakdown says in numbers.

    One computation, many renderers: the form, the pipeline and the workbook all show these lines, and
    the lines shown add up to the score.
    """

    _name = "customer.success.explanation"
    _description = "Explanation of a Score"

    @api.model
    def _health_lines(self, score):
        """The lines of a customer's health: ``[{code, name, value, points, facts}]``; points add up."""
        names = self._factor_names()
        return [
            {
                "code": line["code"],
                "name": names.get(line["code"], line["code"]),
                "value": line["value"],
                "points": line["points"],
                "facts": self._say(line["code"], line["evidence"]),
            }
            for line in (score.breakdown or {}).get("factors", ())
        ]

    @api.model
    def _unknown(self, score):
        """The names of the factors of which nothing is known."""
        names = self._factor_names()
        return [names.get(code, code) for code in (score.breakdown or {}).get("unknown", ())]

    @api.model
    def _risk_lines(self, renewal_score):
        """The lines of a renewal's risk, strongest first: ``[{code, name, points, facts}]``; points add up."""
        names = self._factor_names()
        lines = (renewal_score.breakdown or {}).get("lines", {})
        start = [(code, points) for code, points in lines.items() if code == START]
        rest = sorted(
            ((code, points) for code, points in lines.items() if code != START),
            key=lambda line: -abs(line[1]),
        )
        return [
            {"code": code, "name": names.get(code, code), "points": points}
            for code, points in start + rest
        ]

    @api.model
    def _explained_risk_lines(self, renewal):
        """The lines of a renewal's risk with the facts behind each of them."""
        facts = {
            line["code"]: line["facts"]
            for line in self._health_lines(renewal.partner_id.success_score_id)
        }
        facts |= {
            "tenure": self._say_tenure(renewal),
            "term": self._say_term(renewal),
            "overdue": self.env._("was due on %s", format_date(self.env, renewal.date_renewal)),
        }
        return [
            {**line, "facts": facts.get(line["code"], "")}
            for line in self._risk_lines(renewal.score_id)
        ]

    def _say_tenure(self, renewal):
        start = min(
            filter(None, (renewal.partner_id.success_go_live_date, renewal.date_start)),
            default=None,
        )
        return (start and self.env._("since %s", format_date(self.env, start))) or ""

    def _say_term(self, renewal):
        if not renewal.date_start:
            return ""
        months = max(round((renewal.date_renewal - renewal.date_start).days / 30.4375), 1)
        return self.env._("%d months", months)

    @api.model
    def _headline_renewal(self, score):
        """The renewal whose risk stands for the customer."""
        renewal_id = (score.breakdown or {}).get("renewal_id")
        return self.env["customer.success.renewal"].browse(renewal_id or []).exists()

    @api.model
    def _reasons(self, scores, limit=3):
        """The strongest reasons behind the risk of each score, in words: ``{score: [text]}``.

        For a hover or a cell. Two queries, whatever the number of scores.
        """
        renewal_of = {
            score.id: (score.breakdown or {}).get("renewal_id") for score in scores.sudo()
        }
        renewal_scores = self.env["customer.success.renewal.score"].sudo()
        found = {
            renewal_score.renewal_id.id: self._risk_reasons(renewal_score, limit)
            for renewal_score in renewal_scores.search_fetch(
                [("renewal_id", "in", [id_ for id_ in renewal_of.values() if id_])],
                ["renewal_id", "breakdown"],
            )
        }
        return {score: found.get(renewal_of[score.id], []) for score in scores}

    @api.model
    def _risk_reasons(self, renewal_score, limit=3):
        """The strongest reasons behind the risk of one renewal, in words."""
        return [
            self.env._("%(reason)s %(points)+.1f", reason=line["name"], points=line["points"])
            for line in self._risk_lines(renewal_score)
            if line["code"] != START and line["points"]
        ][:limit]

    @api.model
    def _render(self, partner):
        """The explanation of a customer's scores as HTML."""
        score = partner.success_score_id
        renewal = self._headline_renewal(score)
        return self.env["ir.qweb"]._render(
            "customer_success.explanation",
            {
                "partner": partner,
                "score": score,
                "health_lines": self._health_lines(score),
                "unknown": self._unknown(score),
                "renewal": renewal,
                "renewal_date": format_date(self.env, renewal.date_renewal) if renewal else "",
                "risk_lines": self._risk_lines(renewal.score_id),
                "seats": self._say_seats(renewal.score_id),
                "rate_missing": (renewal.score_id.breakdown or {}).get("rate_missing"),
                "changes": self._changes(score),
                "helpful": self._helpful(partner),
            },
        )

    @api.model
    def _render_renewal(self, renewal):
        """The explanation of one pending renewal's risk as HTML.

        What changed since last week is told of the renewal that speaks for its customer: of that one the
        history keeps the lines.
        """
        score = renewal.partner_id.success_score_id
        speaks = self._headline_renewal(score) == renewal
        return self.env["ir.qweb"]._render(
            "customer_success.explanation_of_renewal",
            {
                "renewal": renewal,
                "renewal_date": format_date(self.env, renewal.date_renewal),
                "risk_lines": self._explained_risk_lines(renewal),
                "seats": self._say_seats(renewal.score_id),
                "rate_missing": (renewal.score_id.breakdown or {}).get("rate_missing"),
                "changes": self._changes(score) if speaks else None,
                "helpful": self._helpful(renewal.partner_id, renewal),
            },
        )

    # ------------------------------------------------------------------------------------------
    # Evidence in words, one method a factor
    # ------------------------------------------------------------------------------------------

    @api.model
    def _factor_names(self):
        return self.env["customer.success.factor"]._names()

    @api.model
    def _say(self, code, evidence):
        say = getattr(self, f"_say_{code}", None)
        return say(evidence) if say else ""

    def _say_seats(self, renewal_score):
        """How the seats to expect at a renewal come about."""
        seats = (renewal_score.breakdown or {}).get("seats")
        if not isinstance(seats, dict):  # a score of before seats were reasoned about
            return ""
        said = [
            self.env._(
                "%(bought)d seats bought, %(active).0f in use",
                bought=seats["bought"],
                active=seats["active"],
            )
        ]
        if seats["used"] < seats["active"]:
            said.append(
                self.env._(
                    "%(change)+.0f %% in a quarter, so about %(used).0f at the renewal",
                    change=seats["change"],
                    used=seats["used"],
                )
            )
        said.append(
            self.env._(
                "of those who stay like this, %(chance).0f %% cut to about %(reduced)d: "
                "%(expected).0f seats to expect, contraction risk %(risk).1f %%",
                chance=seats["chance"],
                reduced=seats["reduced"],
                expected=renewal_score.expected_seats,
                risk=renewal_score.contraction_risk,
            )
        )
        return " · ".join(said)

    def _say_trend(self, evidence):
        said = []
        if "quarter" in evidence:
            said.append(
                self.env._(
                    "%(change)+.0f %% active users against the quarter before",
                    change=evidence["quarter"],
                )
            )
        if "year" in evidence:
            said.append(
                self.env._(
                    "%(change)+.0f %% against the same quarter last year", change=evidence["year"]
                )
            )
        said.append(self.env._("%.0f on average now", evidence["now"]))
        return " · ".join(said)

    def _say_use(self, evidence):
        said = []
        if "adoption" in evidence:
            said.append(
                self.env._(
                    "%(active)d of %(licensed)d licensed users active (%(adoption)d %%, "
                    "target %(target)d %%)",
                    active=evidence["active"],
                    licensed=evidence["licensed"],
                    adoption=evidence["adoption"],
                    target=evidence["target"],
                )
            )
        if "ramp" in evidence:
            month, months = evidence["ramp"]
            said.append(
                self.env._(
                    "month %(month)d of %(months)d in which the target rises since go-live",
                    month=month,
                    months=months,
                )
            )
        degrees = self.env["customer.success.usage"].fields_get(DEGREES, ["string"])
        said += [
            f"{degrees.get(code, {}).get('string', DEGREE_NAMES[code])} {evidence[code]:.0f}"
            for code in DEGREES
            if code in evidence
        ]
        return " · ".join(said)

    def _say_barriers(self, evidence):
        if not evidence["open"]:
            return self.env._("all known barriers are removed")
        barriers = self.env["customer.success.barrier"].sudo()
        names = {
            b.id: b.name for b in barriers.browse(line[0] for line in evidence["open"]).exists()
        }
        severities = dict(barriers._fields["severity"]._description_selection(self.env))
        said = []
        for barrier_id, penalty, severity, age, no_authority in evidence["open"]:
            text = self.env._(
                "%(name)s: -%(penalty).0f (%(severity)s, open %(age)d days)",
                name=names.get(barrier_id, self.env._("a removed barrier")),
                penalty=penalty,
                severity=severities[str(severity)].lower(),
                age=age,
            )
            if no_authority:
                text = self.env._("%(barrier)s, nobody has authority", barrier=text)
            said.append(text)
        return " · ".join(said)

    def _say_advisor(self, evidence):
        said = [
            self.env._(
                "%(fresh)d of %(due)d due questions freshly answered",
                fresh=evidence["fresh"],
                due=evidence["due"],
            )
        ]
        if evidence.get("stale"):
            said.append(self.env._("%d gone stale", evidence["stale"]))
        if evidence.get("worrying"):
            said.append(self.env._("%d worrying", evidence["worrying"]))
        labels = dict(
            self.env["customer.success.question"]
            ._fields["dimension"]
            ._description_selection(self.env)
        )
        said += [
            self.env._(
                "%(dimension)s %(rating).1f of 5",
                dimension=labels[code].lower(),
                rating=five(evidence[code]),
            )
            for code in ("ready", "willing", "able")
            if code in evidence
        ]
        return " · ".join(said)

    def _say_progress(self, evidence):
        said = []
        if evidence["over"]:
            said.append(
                self.env._(
                    "%(over)d days longer in stage than the %(expected)d expected",
                    over=evidence["over"],
                    expected=evidence["expected"],
                )
            )
        elif evidence["expected"]:
            said.append(self.env._("within the %(days)d days expected", days=evidence["expected"]))
        if evidence["late"]:
            said.append(self.env._("go-live %(days)d days late", days=evidence["late"]))
        if evidence.get("ends"):
            said.append(self.env._("nothing is planned after go-live"))
        return " · ".join(said)

    def _say_value(self, evidence):
        objectives = self.env["customer.success.objective"].sudo()
        ids = [line[0] for line in evidence["objectives"]]
        names = {o.id: o.name for o in objectives.browse(ids).exists()}
        said = []
        for objective_id, worth, confirmed in evidence["objectives"]:
            name = names.get(objective_id, self.env._("a removed objective"))
            if confirmed:
                said.append(self.env._("%(name)s: %(worth).0f, confirmed", name=name, worth=worth))
            else:
                said.append(
                    self.env._("%(name)s: %(worth).0f, not confirmed", name=name, worth=worth)
                )
        if evidence["open"]:
            said.append(self.env._("%d not measured yet", evidence["open"]))
        return " · ".join(said)

    def _say_plan(self, evidence):
        said = [self.env._("%.0f %% complete", evidence["complete"])]
        if evidence["mandate"]:
            said.append(self.env._("relies on a mandate"))
        if evidence["blind"]:
            said.append(self.env._("%d blind spots of the leaders", evidence["blind"]))
        if evidence["late"]:
            said.append(self.env._("review overdue"))
        return " · ".join(said)
