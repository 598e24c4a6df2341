from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...scoring.terms import STAYING

# What an add-on has from its main term, so that both end together.
TOGETHER = (
    "date_renewal",
    "end_is_last_day",
    "following_months",
    "auto_renew",
    "notice_period",
    "notice_unit",
    "notice_to",
    "date_notice",
    "notice_is_by_hand",
)


class CustomerSuccessRenewal(models.Model):
    """Add-ons: terms of further products that end together with a main term and are renewed with it.

    The end and the notice of an add-on are those of its main term, also when that one is moved. Ending the main term ends
    its pending add-ons: they renew as they are, or churn with it. An add-on that is lost alone is ended first, and one of
    which notice was given in time stays pending until somebody says how it ended, if its main term is renewed. Sales gets
    one opportunity, that of the main term, over the value of all lines.
    """

    _inherit = "customer.success.renewal"

    main_id = fields.Many2one(
        "customer.success.renewal",
        "Main Term",
        index="btree_not_null",
        copy=False,
        ondelete="set null",
        check_company=True,
        domain="[('partner_id', '=', partner_id), ('outcome', '=', 'pending'), ('main_id', '=', False), ('id', '!=', id)]",
        help="The term with which this one ends and is renewed.",
    )
    addon_ids = fields.One2many("customer.success.renewal", "main_id", "Add-Ons")
    ended_with_main = fields.Boolean(readonly=True, copy=False)

    @api.model
    def _machine_fields(self):
        return super()._machine_fields() | {"ended_with_main"}

    @api.constrains("main_id", "partner_id", "company_id")
    def _check_main(self):
        for term in self.filtered("main_id"):
            main = term.main_id.sudo()
            if main == term or main.main_id or term.sudo().addon_ids:
                raise ValidationError(
                    self.env._(
                        "%s: a main term is no add-on itself, and an add-on has no add-ons.",
                        term.display_name,
                    )
                )
            if main.partner_id != term.partner_id or main.company_id != term.company_id:
                raise ValidationError(
                    self.env._(
                        "%s: the main term must be one of the same customer and company.",
                        term.display_name,
                    )
                )

    # ------------------------------------------------------------------------------------------
    # One end
    # ------------------------------------------------------------------------------------------

    @api.onchange("main_id")
    def _onchange_main_id(self):
        if self.main_id:
            self.update({name: self.main_id[name] for name in TOGETHER})

    @api.model_create_multi
    def create(self, vals_list):
        made = []
        for vals in vals_list:
            main = self.browse(vals.get("main_id") or [])
            made.append({**vals, **main._together()} if main else vals)
        return super().create(made)

    def write(self, vals):
        if vals.get("main_id"):
            vals = {**vals, **self.browse(vals["main_id"])._together()}
        elif "main_id" not in vals and not vals.keys().isdisjoint(TOGETHER):
            vals = self._without_own_end(vals)
        result = super().write(vals)
        if not vals.keys().isdisjoint(TOGETHER):
            for main in self.sudo().filtered("addon_ids"):
                addons = main.addon_ids.filtered(lambda addon: addon.outcome == "pending")
                addons.write({**main._together(), "main_id": main.id})
        if "outcome" in vals:
            self._end_addons()
        return result

    def _together(self):
        """Return the values that the add-ons of this term have from it."""
        self.ensure_one()
        return {name: self.sudo()[name] for name in TOGETHER}

    def _without_own_end(self, vals):
        """Refuse another end or notice of an add-on than that of its main term; a source's is left out."""
        addons = self.sudo().filtered("main_id")
        if not addons:
            return vals
        for addon in addons:
            together = addon.main_id._together()
            wrong = any(
                addon._fields[name].convert_to_cache(vals[name], addon) != together[name]
                and (vals[name] or together[name])
                for name in TOGETHER
                if name in vals
            )
            if wrong and not self.env.su:
                raise UserError(
                    self.env._(
                        "%(addon)s ends with its main term, “%(main)s”. Move that one, or take this one out of it.",
                        addon=addon.display_name,
                        main=addon.main_id.display_name,
                    )
                )
        return {name: value for name, value in vals.items() if name not in TOGETHER}

    # ------------------------------------------------------------------------------------------
    # One renewal
    # ------------------------------------------------------------------------------------------

    def _end_addons(self):
        """End the pending add-ons of terms that have ended as these did; reopen those that had ended with them."""
        today = fields.Date.context_today(self)
        for main in self.sudo().filtered("addon_ids"):
            if main.outcome == "pending":
                again = main.addon_ids.filtered("ended_with_main")
                again.write({"outcome": "pending", "ended_with_main": False})
                continue
            for addon in main.addon_ids:
                if addon._follows_main(today):
                    addon._end_with_main()

    def _follows_main(self, today):
        """Return True if this add-on ends with its main term: it is pending, or had ended with it in the other way."""
        self.ensure_one()
        if self.date_start and self.date_start > today:
            return False
        stays = self.main_id.outcome in STAYING
        if stays and self._is_noticed_in_time():
            return False
        return self.outcome == "pending" or (
            self.ended_with_main and (self.outcome in STAYING) != stays
        )

    def _end_with_main(self):
        self.ensure_one()
        main = self.main_id
        vals = {
            "outcome": "renewed" if main.outcome in STAYING else "churned",
            "ended_with_main": True,
            "date_outcome": max(main.date_outcome, self.date_start or main.date_outcome),
        }
        if main.outcome not in STAYING:
            vals |= {"reason_id": main.reason_id.id, "reason_note": main.reason_note}
        elif main.renewed_itself:
            vals["renewed_value"] = self._value_after_rise()
        self.write(vals)

    def _next_main(self):
        """Return the next term of the main term of this add-on, or none."""
        self.ensure_one()
        terms = self.sudo().main_id.next_ids.filtered(lambda term: term.active)
        return terms.sorted("date_renewal")[:1]

    def _next_term(self, following=None):
        self.ensure_one()
        main = self.sudo().main_id
        return (main._next_term if main else super()._next_term)(following)

    def _prepare_next_vals(self):
        vals = super()._prepare_next_vals()
        following = self._next_main() if self.main_id else self.browse()
        if following:
            vals |= {"main_id": following.id, "date_start": following.date_start}
            vals |= {name: following[name] for name in ("date_renewal", "end_is_last_day")}
        return vals
