"""The sheet of effects: what was done for customers, compared with customers as much at risk for whom it was not."""

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...scoring.effects import LEAST
from .rows import Labels
from .sheet import register
from .sheet_customers import coloured
from .table import Column, ListTable

_lt = LazyTranslate(__name__)

MODEL = "customer.success.effect"
PARTS = ("difference", "low", "high")
VERDICT_COLOURS = {"helps": "good", "harms": "bad", "mixed": "warn", "habit": "warn"}


@register
class Effects(ListTable):
    code = "effects"
    title = _lt("Effects")
    sequence = 110
    model = MODEL

    def heading(self):
        return self.env._("Does it work? What was done, compared with customers as much at risk")

    @classmethod
    def explain(cls, env):
        yield (
            env._("Does it work?"),
            env._(
                "The change of adoption rate, churn risk, health score and renewals after a thing was done, less that of "
                "customers of the same month, stage and formula with about the same risk, health, use and value for whom it "
                "was not done; with the interval that holds the difference 95 times of 100."
            ),
        )

    def note(self):
        return self.env._(
            "Of all customers of your companies, whatever the filter. It is observation, not proof. Differences are in "
            "points, each with its interval, and empty with fewer than %d customers on a side.",
            LEAST,
        )

    def make_columns(self):
        _ = self.env._
        verdict = Labels(self.env[MODEL], "verdict")
        columns = [
            Column("kind", _("Kind"), "text", 18, names=Labels(self.env[MODEL], "kind")),
            Column("name", _("What"), "text", 40),
            Column("days", _("Window (days)"), "whole", 9),
            Column(
                "verdict",
                _("Verdict"),
                "text",
                20,
                names=verdict,
                colours=coloured(verdict, VERDICT_COLOURS),
            ),
            Column("done", _("Done for"), "whole", 9),
            Column("treated", _("Compared"), "whole", 9),
            Column("controls", _("Controls"), "whole", 9),
        ]
        for name, (difference, low, high) in {
            "use": (
                _("Adoption rate, difference"),
                _("Adoption rate, from"),
                _("Adoption rate, to"),
            ),
            "renewal": (_("Renewed, difference"), _("Renewed, from"), _("Renewed, to")),
            "risk": (_("Churn risk, difference"), _("Churn risk, from"), _("Churn risk, to")),
            "health": (_("Health, difference"), _("Health, from"), _("Health, to")),
        }.items():
            columns += [
                Column(f"{name}_{part}", title, "number", 11)
                for part, title in zip(PARTS, (difference, low, high))
            ]
        return (*columns, Column("said", _("In words"), "text", 70))

    def make_rows(self):
        for effect in self.env[MODEL].search(Domain.TRUE):
            yield tuple(
                None if column.kind == "number" and value is False else value
                for column in self.columns
                for value in [int(effect.days) if column.key == "days" else effect[column.key]]
            )
