from datetime import timedelta

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...scoring.said import fault
from ..use.customer_success_usage_figures import FIGURES

# A source whose last measured period is older than this many days is not waited for.
SOURCE_DAYS = 120


class CustomerSuccessUsage(models.Model):
    """The correction of measured figures by hand: by who brought them, with a reason, or by a manager.

    What a customer is measured by is not the one's who is rated by it. A CSM corrects what the CSM entered or
    delivered and says why; what a source or somebody else brought is delivered again, or corrected by a manager who
    decides on the customer. Each correction stands in the history of the customer.
    """

    _inherit = "customer.success.usage"

    figure_reason = fields.Char(
        "Reason for the Correction",
        store=False,
        copy=False,
        help="Say why the product did not measure the right figures. The correction is kept in the history of the customer.",
    )

    def _check_new(self, vals_list):
        """Refuse measured figures by hand beside those that a source delivers."""
        result = super()._check_new(vals_list)
        self._check_beside_source(self.filtered(lambda usage: usage.source == "measured"))
        return result

    def _check_changes(self, vals):
        result = super()._check_changes(vals)
        reason = (vals.get("figure_reason") or "").strip()
        measured = self.filtered(lambda u: u.source == "measured" and u._changed(vals))
        said = {}
        for usage in measured:
            decides = self.env.user._success_decides_on(usage.partner_id)
            if not decides:
                usage._check_brought()
                if usage._is_own_slip():
                    continue
            if not decides and fault(reason):
                raise UserError(
                    self.env._(
                        "“%s”: a measured figure changes. Say why in a few words, in “Reason for the Correction”.",
                        usage._say_period(),
                    )
                )
            said.setdefault(usage.partner_id.sudo(), []).append(usage._say_correction(vals, reason))
        for customer, texts in said.items():
            customer._message_log(body=Markup("<br/>").join(texts))
        if vals.get("source") == "measured":
            self._check_beside_source(self - measured)
        return result

    def unlink(self):
        """Refuse to delete measured figures of customers on whom this user does not decide."""
        if not self.env.su:
            self.check_access("unlink")
            for usage in self.filtered(lambda usage: usage.source == "measured"):
                if not self.env.user._success_decides_on(usage.partner_id):
                    usage._check_brought()
        return super().unlink()

    def _check_brought(self):
        """Refuse to change what somebody else brought."""
        self.ensure_one()
        if self._brought()[0] != self.env.user:
            raise UserError(
                self.env._(
                    "“%s” was measured and brought by somebody else. Deliver the right figures again, enter what you know as "
                    "assessed, or ask a manager to correct them.",
                    self._say_period(),
                )
            )

    def _check_beside_source(self, measured):
        """Refuse measured figures by hand where somebody else's delivery brought some within the last months."""
        held = measured.filtered(lambda u: not self.env.user._success_decides_on(u.partner_id))
        if not held:
            return
        since = fields.Date.context_today(self) - timedelta(days=SOURCE_DAYS)
        delivered = self.sudo()._read_group(
            [
                ("partner_id", "in", held.partner_id.ids),
                ("source", "=", "measured"),
                ("date", ">=", since),
                ("delivery_id", "!=", False),
                ("delivery_id.user_id", "!=", self.env.uid),
                ("id", "not in", held.ids),
            ],
            ["partner_id", "product_id"],
        )
        for usage in held:
            if (usage.partner_id.sudo(), usage.product_id.sudo()) in delivered:
                raise UserError(
                    self.env._(
                        "“%s”: a source delivers the measured figures of this product. Enter what you know as assessed, or ask "
                        "a manager.",
                        usage._say_period(),
                    )
                )

    def _brought(self):
        """Return the user who brought these figures last by a delivery, or entered them, and the time."""
        self.ensure_one()
        delivery = self.sudo().delivery_id
        if delivery:
            return delivery.user_id, delivery.create_date
        return self.create_uid, self.create_date

    def _is_own_slip(self):
        """Return True on the day on which this user entered the figures: a mistyped one is corrected."""
        user, when = self._brought()
        day = fields.Datetime.context_timestamp(self, when).date()
        return user == self.env.user and day == fields.Date.context_today(self)

    def _say_period(self):
        return self.env._(
            "%(customer)s, %(product)s, %(date)s",
            customer=self.partner_id.display_name,
            product=self.product_id.with_context(display_default_code=False).display_name,
            date=format_date(self.env, self.date),
        )

    def _say_correction(self, vals, reason):
        """Return what changes in measured figures, for the history of the customer."""
        labels = self.fields_get(FIGURES, ["string"])
        unknown = self.env._("unknown")
        changes = []
        for name in self._changed(vals):
            if name in FIGURES:
                old, new = self[name], self._fields[name].convert_to_cache(vals[name], self)
                changes.append(
                    self.env._(
                        "%(figure)s %(old)s → %(new)s",
                        figure=labels[name]["string"],
                        old=unknown if old is False else f"{old:g}",
                        new=unknown if new is None or new is False else f"{new:g}",
                    )
                )
        words = {
            "period": self._say_period(),
            "user": self.env.user.name,
            "changes": "; ".join(changes) or self.env._("period, product or source"),
            "reason": reason,
        }
        if reason:
            return self.env._(
                "Measured use corrected by hand by %(user)s: %(period)s: %(changes)s. Reason: %(reason)s",
                **words,
            )
        return self.env._(
            "Measured use corrected by hand by %(user)s: %(period)s: %(changes)s.", **words
        )
