"""The sheet of the years after go-live: what each year reached, its targets, and the use that it kept."""

from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...models.years.customer_success_target import KINDS
from .rows import Labels
from .sheet import register
from .sheet_customers import coloured
from .table import Column, Table

_lt = LazyTranslate(__name__)

VERDICT_COLOURS = {"met": "good", "on_track": "good", "behind": "warn", "missed": "bad"}


@register
class Years(Table):
    code = "years"
    title = _lt("Years after go-live")
    sequence = 36
    model = "customer.success.year"
    order = "partner_id, product_id nulls first, year"

    def heading(self):
        return self.env._("Years after go-live, compared with their targets")

    @classmethod
    def explain(cls, env):
        yield (
            env._("Use kept"),
            env._(
                "100 × active users / active users in the same months a year before, of the same products; without "
                "the months in which use was still ramping up. Unknown below three such months."
            ),
        )
        yield (
            env._("Target of a year"),
            env._(
                "That of the customer, else of its segment, else the one for all; it holds until a later one begins."
            ),
        )

    def note(self):
        return self.env._(
            "Adoption rate and degrees: the mean of the months. Value: the objectives due in the year. Empty cells are "
            "unknown, and decide nothing. A row with a product is compared with a target of that product."
        )

    def domain(self):
        return Domain.TRUE

    def make_columns(self):
        _ = self.env._
        verdict = Labels(self.env[self.model], "verdict")
        labels = dict(
            self.env["customer.success.target"]._fields["kind"]._description_selection(self.env)
        )
        return (
            self.customer(),
            self.record("product_id", _("Product"), "product.product", 20),
            Column("year", _("Year after go-live"), "whole", 9),
            Column("date_from", _("From"), "date", 11),
            Column("date_to", _("To"), "date", 11),
            self.choice(
                "verdict",
                _("Compared with targets"),
                12,
                colours=coloured(verdict, VERDICT_COLOURS),
            ),
            *(
                column
                for kind, _label in KINDS
                for column in (
                    Column(kind, labels[kind], "percent", 11, total="average", bar=1),
                    Column(f"{kind}_target", _("Target"), "percent", 9, total="average"),
                )
            ),
            Column("sustain_first", _("Use kept since first year"), "percent", 11, total="average"),
            Column("months", _("Months known"), "whole", 9),
        )
