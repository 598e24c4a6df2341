from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

LONGEST = 366  # days; who is away for longer hands over


class CustomerSuccessDeputy(models.Model):
    """An absence of a CSM, from one day to another, with the colleague who has their rights and worklist for these days.

    Nothing starts or ends it: record rules ask for the deputies of the day (:meth:`~.res_users.ResUsers`).
    """

    _name = "customer.success.deputy"
    _description = "Deputy of a CSM"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        "Away",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    deputy_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Sees and does at the customers of who is away what they could, and has their worklist.",
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, help="The last day. The rights end with it.")
    note = fields.Text(help="What the deputy should know.")
    is_now = fields.Boolean("Today", compute="_compute_is_now", search="_search_is_now")

    @api.depends("date_from", "date_to")
    def _compute_is_now(self):
        today = fields.Date.context_today(self)
        for absence in self:
            absence.is_now = bool(
                absence.date_from
                and absence.date_to
                and absence.date_from <= today <= absence.date_to
            )

    def _search_is_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = self._on(fields.Date.context_today(self))
        return now if True in value else ~now

    @api.model
    def _on(self, day):
        """Return the domain of the absences that hold on a day."""
        return Domain("date_from", "<=", day) & Domain("date_to", ">=", day)

    @api.model
    def _say_stand_ins(self):
        """Return ``{id of a CSM: text}`` of those for whom this user stands in today."""
        user = self.env.user
        now = self.sudo().search([("deputy_id", "=", user.id), *self._on(user._success_day())])
        return {
            absence.user_id.id: self.env._(
                "For %(csm)s until %(date)s",
                csm=absence.user_id.name,
                date=format_date(self.env, absence.date_to),
            )
            for absence in now
        }

    @api.constrains("user_id", "deputy_id", "date_from", "date_to")
    def _check_deputy(self):
        for absence in self.sudo():
            user, deputy = absence.user_id, absence.deputy_id
            if absence.date_to < absence.date_from:
                raise ValidationError(
                    self.env._("The last day of an absence cannot be before its first.")
                )
            if deputy == user:
                raise ValidationError(self.env._("%s cannot stand in for themselves.", user.name))
            if not deputy.active:
                raise ValidationError(self.env._("%s is archived.", deputy.name))
            if deputy.share or not deputy.has_group("customer_success.group_success_user"):
                raise ValidationError(
                    self.env._("%s is not in the customer success team.", deputy.name)
                )
            if (absence.date_to - absence.date_from).days >= LONGEST:
                raise ValidationError(
                    self.env._(
                        "Who is away for longer than a year hands their customers over: Customers > Changes of People."
                    )
                )
            same_days = Domain("date_from", "<=", absence.date_to) & Domain(
                "date_to", ">=", absence.date_from
            )
            others = self.sudo().search(same_days & Domain("id", "!=", absence.id))
            if double := others.filtered(lambda one, user=user: one.user_id == user)[:1]:
                raise ValidationError(
                    self.env._(
                        "%(user)s is away already from %(start)s to %(end)s, with %(deputy)s as deputy.",
                        user=user.name,
                        start=format_date(self.env, double.date_from),
                        end=format_date(self.env, double.date_to),
                        deputy=double.deputy_id.name,
                    )
                )
            chained = others.filtered(
                lambda one, user=user, deputy=deputy: one.user_id == deputy or one.deputy_id == user
            )[:1]
            if chained:
                raise ValidationError(
                    self.env._(
                        "%(user)s is away from %(start)s to %(end)s and cannot stand in for %(other)s then.",
                        user=chained.user_id.name if chained.user_id == deputy else user.name,
                        other=user.name if chained.user_id == deputy else chained.user_id.name,
                        start=format_date(self.env, chained.date_from),
                        end=format_date(self.env, chained.date_to),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._tell_deputies()
        self._forget_rules()
        return absences

    def write(self, vals):
        result = super().write(vals)
        # Odoo checked the rules before the change only: nobody becomes the deputy of somebody else this way.
        self.check_access("write")
        self._forget_rules()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_rules()
        return result

    @api.model
    def _forget_rules(self):
        """Have record rules evaluated anew, which Odoo keeps for each user."""
        self.env.flush_all()
        self.env.registry.clear_cache()
        self.env["res.users"].invalidate_model(["success_deputy_for_ids"])

    def _tell_deputies(self):
        for absence in self.filtered(lambda one: one.deputy_id != self.env.user):
            told = absence.with_context(lang=absence.deputy_id.lang or self.env.lang)
            self.env["mail.thread"].sudo().message_notify(
                partner_ids=absence.deputy_id.partner_id.ids,
                subject=told.env._("You stand in for %s", absence.user_id.name),
                body=Markup("<p>%s</p>%s")
                % (
                    told.env._(
                        "From %(start)s to %(end)s you see their customers, and My Day shows their activities.",
                        start=format_date(told.env, absence.date_from),
                        end=format_date(told.env, absence.date_to),
                    ),
                    Markup("<p>%s</p>") % absence.note if absence.note else "",
                ),
                email_layout_xmlid="mail.mail_notification_light",
            )
