import logging

from odoo import api, models
from odoo.tools import format_date

from ...scoring.counted import say_seats
from ...scoring.factor import FACTORS, Evidence
from ...scoring.how_used import say_held
from ...scoring.movement import HELD
from ...scoring.shown import whole, whole_points

_logger = logging.getLogger(__name__)

# The line of a risk that is the same for all customers.
START = "base"


class CustomerSuccessExplanation(models.AbstractModel):
    """The explanation of a score: the stored breakdown as lines of text.

    The form, the pipeline and the workbook all show these lines, and the lines add up to the score.
    """

    _name = "customer.success.explanation"
    _description = "Explanation of a Score"

    @api.model
    def _health_lines(self, score):
        """Return the lines of a health score, ``[{code, name, value, weight, points, facts}]``; their points add up.

        The last one has no value: it holds the score below *good* while nobody knows how the products are used.
        """
        names = self._factor_names()
        found = (score.breakdown or {}).get("factors", ())
        products = self._products(score.partner_id) if self._by_product(found) else ()
        lines = [
            {
                "code": line["code"],
                "name": names.get(line["code"], line["code"]),
                "value": line["value"],
                "weight": line.get("weight"),
                "points": line["points"],
                "facts": self._say(line["code"], line.get("evidence"))
                or self._say_products(line["code"], products),
            }
            for line in found
        ]
        if held := (score.breakdown or {}).get("held"):
            lines.append(
                {
                    "code": HELD,
                    "name": self._held_name(),
                    "value": None,
                    "weight": None,
                    "points": held["points"],
                    "facts": say_held(self.env, held["known"]),
                }
            )
        return lines

    def _held_name(self):
        return self.env._("Held below “Good”")

    @api.model
    def _by_product(self, lines):
        """Return whether the evidence of some of these lines is that of each product."""
        return any("products" in (line.get("evidence") or ()) for line in lines)

    @api.model
    def _products(self, partner):
        """Return the scores of a customer's products, the worst first; empty unless it has several."""
        scores = partner.sudo().success_product_score_ids.sorted(
            lambda score: (score.health is False, score.health)
        )
        return scores if len(scores) > 1 else scores.browse()

    @api.model
    def _say_products(self, code, products):
        """Return what is known of a factor for each product, one line each."""
        said = [
            self.env._(
                "%(product)s, %(value).0f of 100: %(facts)s",
                product=product.product_id.with_context(display_default_code=False).display_name,
                value=line["value"],
                facts=self._say(code, line.get("evidence")),
            )
            for product in products
            for line in (product.breakdown or {}).get("factors", ())
            if line["code"] == code
        ]
        return "\n".join(said)

    @api.model
    def _unknown(self, score):
        """Return the names of the factors about which nothing is known."""
        names = self._factor_names()
        return [names.get(code, code) for code in (score.breakdown or {}).get("unknown", ())]

    @api.model
    def _say_segment_weights(self, score):
        """Return the weights and the bands of the segment that the score was computed by, if they are its own."""
        _ = self.env._
        segment = score.segment_id.sudo()
        if not segment:
            return ""
        rules = self.env["customer.success.score.rules"].sudo()
        used = rules.search([("mark", "=", score.rules_mark)], limit=1).weights or {}
        usual = self.env["customer.success.score"]._usual_rules()
        said = []
        if differing := used and segment._say_weights(used, usual.weights):
            said.append(
                _(
                    "Weights of the segment “%(segment)s”: %(weights)s.",
                    segment=segment.name,
                    weights=differing,
                )
            )
        own = segment._rules(usual)
        for bands, theirs, field in (
            (own.health_bands, usual.health_bands, "health_band"),
            (own.risk_bands, usual.risk_bands, "risk_band"),
        ):
            if bands != theirs:
                said.append(
                    _(
                        "Bands of the segment “%(segment)s”: %(bands)s.",
                        segment=segment.name,
                        bands=segment._say_bands(bands, field),
                    )
                )
        return " ".join(said)

    @api.model
    def _risk_lines(self, renewal_score):
        """Return the lines of a renewal's risk, ``[{code, name, points, shown}]``, strongest first; both kinds of points add up.

        ``shown`` are whole points.
        """
        names = self._factor_names()
        lines = (renewal_score.breakdown or {}).get("lines", {})
        start = [(code, points) for code, points in lines.items() if code == START]
        rest = sorted(
            ((code, points) for code, points in lines.items() if code != START),
            key=lambda line: -abs(line[1]),
        )
        return [
            {"code": code, "name": names.get(code, code), "points": points, "shown": shown}
            for (code, points), shown in zip(
                start + rest, whole_points([points for _code, points in start + rest]), strict=True
            )
        ]

    @api.model
    def _explained_risk_lines(self, renewal, own_only=False):
        """Return the lines of a renewal's risk, each with the facts behind it.

        ``own_only`` leaves out the facts that stand with the health score.
        """
        if not renewal:
            return []
        facts = {}
        if not own_only:
            products = self._products(renewal.partner_id)
            own = products.filtered(lambda score: score.product_id == renewal.product_id.sudo())
            facts = {
                line["code"]: line["facts"]
                for line in self._health_lines(renewal.partner_id.success_score_id)
            } | {
                line["code"]: self._say(line["code"], line.get("evidence"))
                for line in (own.breakdown or {}).get("factors", ())
            }
        facts |= {
            "tenure": self._say_tenure(renewal),
            "term": self._say_term(renewal),
            "overdue": self.env._("Due on %s", format_date(self.env, renewal.date_renewal)),
            "notice": renewal.notice_said or "",
        }
        lines = self._risk_lines(renewal.score_id)
        facts |= self._say_words_and_unknown(renewal.score_id, lines)
        return [{**line, "facts": facts.get(line["code"], "")} for line in lines]

    def _say_risk_title(self, renewal):
        """Return what the churn risk of a renewal is the risk of: that they do not renew or, if it renews itself, of a notice."""
        if not renewal:
            return ""
        decided = format_date(self.env, renewal.date_decision or renewal.date_renewal)
        if renewal.auto_renew and not renewal.notice_given_on:
            return self.env._("Churn risk: a notice until %s", decided)
        return self.env._("Churn risk at the renewal of %s", decided)

    def _say_tenure(self, renewal):
        start = min(
            filter(
                None,
                (
                    renewal.partner_id.success_go_live_date,
                    renewal.anchor_start,
                    renewal.date_start,
                ),
            ),
            default=None,
        )
        return (start and self.env._("Customer since %s", format_date(self.env, start))) or ""

    def _say_term(self, renewal):
        if not renewal.date_start:
            return ""
        months = max(round((renewal.date_renewal - renewal.date_start).days / 30.4375), 1)
        if months == 1:
            return self.env._("Term of one month")
        return self.env._("Term of %d months", months)

    @api.model
    def _headline_renewal(self, score):
        """Return the renewal whose risk stands for the customer."""
        renewal_id = (score.breakdown or {}).get("renewal_id")
        return self.env["customer.success.renewal"].browse(renewal_id or []).exists()

    @api.model
    def _reasons(self, scores, limit=3):
        """Return the strongest reasons for the risk of each score, ``{score: [text]}``, for a hover or a cell.

        It takes two queries for any number of scores.
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
        """Return the strongest reasons for the risk of one renewal, as a list of texts."""
        return [
            self.env._("%(reason)s %(points)+d", reason=line["name"], points=line["shown"])
            for line in self._risk_lines(renewal_score)
            if line["code"] != START and line["shown"]
        ][:limit]

    @api.model
    def _render(self, partner):
        """Return the explanation of a customer's scores as HTML."""
        score = partner.success_score_id
        renewal = self._headline_renewal(score)
        helpful, newer = self._helpful_now(partner)
        return self.env["ir.qweb"]._render(
            "customer_success.explanation",
            {
                "whole": whole,
                "partner": partner,
                "score": score,
                "health_lines": self._health_lines(score),
                "products": self._products(partner),
                "unknown": self._unknown(score),
                "segment_weights": self._say_segment_weights(score),
                "renewal": renewal,
                "risk_title": self._say_risk_title(renewal),
                "risk_lines": self._explained_risk_lines(renewal, own_only=True),
                "true_risk": self._say_range(renewal.score_id),
                "seats": self._say_seats(renewal.score_id),
                "overuse": renewal.overuse_said,
                "rate_missing": (renewal.score_id.breakdown or {}).get("rate_missing"),
                "changes": self._changes(score),
                "helpful": helpful,
                "newer": newer,
            },
        )

    @api.model
    def _render_renewal(self, renewal):
        """Return the explanation of one pending renewal's risk as HTML.

        Changes since last week are shown only for the renewal that stands for its customer, because the
        history keeps only its lines.
        """
        score = renewal.partner_id.success_score_id
        speaks = self._headline_renewal(score) == renewal
        helpful, newer = self._helpful_now(renewal.partner_id, renewal)
        return self.env["ir.qweb"]._render(
            "customer_success.explanation_of_renewal",
            {
                "whole": whole,
                "renewal": renewal,
                "risk_title": self._say_risk_title(renewal),
                "risk_lines": self._explained_risk_lines(renewal),
                "curves": self._places(renewal.score_id),
                "true_risk": self._say_range(renewal.score_id),
                "seats": self._say_seats(renewal.score_id),
                "expansion": self._say_expansion(renewal),
                "overuse": renewal.overuse_said,
                "rate_missing": (renewal.score_id.breakdown or {}).get("rate_missing"),
                "changes": self._changes(score) if speaks else None,
                "helpful": helpful,
                "newer": newer,
            },
        )

    # ------------------------------------------------------------------------------------------
    # Evidence as text
    # ------------------------------------------------------------------------------------------

    @api.model
    def _factor_names(self):
        return self.env["customer.success.factor"]._names()

    @api.model
    def _say(self, code, evidence):
        """Return the evidence of a factor as text; empty if the factor or its evidence is unknown."""
        if code not in FACTORS or not isinstance(evidence, dict):
            return ""
        try:
            return FACTORS[code].words(self.env, Evidence(evidence))
        except (AttributeError, LookupError, TypeError, ValueError):
            # An earlier formula stored it. The form must open anyway; the nightly job writes new evidence.
            _logger.warning("The evidence of the factor %s cannot be read", code, exc_info=True)
            return ""

    def _say_seats(self, renewal_score):
        """Return the calculation of the expected seats of a renewal, or what its customer announced, as text."""
        if renewal_score.renewal_id.notice_kind == "reduce":
            return renewal_score.renewal_id.notice_said.rstrip(".")
        seats = (renewal_score.breakdown or {}).get("seats")
        if not isinstance(
            seats, dict
        ):  # the seats are unknown, or an earlier version stored the score
            return ""
        said = [
            self.env._("1 seat is bought; in use: %.0f", seats["active"])
            if seats["bought"] == 1
            else self.env._(
                "%(bought)d seats are bought and %(active).0f are in use",
                bought=seats["bought"],
                active=seats["active"],
            )
        ]
        users = seats.get("year", seats["active"])
        if users > seats["active"]:
            said.append(
                self.env._(
                    "This time of year is low as in earlier years; in busy months %.0f would be in use",
                    users,
                )
            )
        if seats.get("coming"):
            said.append(
                self.env._(
                    "%d of the seats are so new that their use is expected later", seats["coming"]
                )
            )
        if seats["used"] < users:
            fall = {"change": seats["change"], "used": say_seats(self.env, round(seats["used"]))}
            said.append(
                self.env._(
                    "Use changed by %(change)+.0f %% in a quarter, so about %(used)s are expected to be in use in a year; "
                    "what comes after that is not looked at",
                    **fall,
                )
                if seats.get("is_far")
                else self.env._(
                    "Use changed by %(change)+.0f %% in a quarter, so about %(used)s are expected to be in use at the "
                    "renewal",
                    **fall,
                )
            )
        said.append(
            self.env._(
                "Of such customers who stay, %(chance).0f %% reduce to about %(reduced)s, so %(expected)s are expected "
                "and the contraction risk is %(risk)d %%",
                chance=seats["chance"],
                reduced=say_seats(self.env, seats["reduced"]),
                expected=say_seats(self.env, round(renewal_score.expected_seats)),
                risk=whole(renewal_score.contraction_risk),
            )
        )
        return " · ".join(said)
