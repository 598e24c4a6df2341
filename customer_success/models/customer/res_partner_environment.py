from odoo import api, fields, models

from ...scoring.stages import environment_percent
from ..common.machine_fields import without_defaults

COMPLEXITY = [
    ("one", "One place, one way of working"),
    ("several", "Several teams or places, one way of working"),
    ("different", "Teams or places that work in different ways"),
    ("many", "Many ways of working, with systems and rules of their own"),
]
ROUTINE_FIT = [
    ("fits", "Fits their day as it is"),
    ("steps", "Some steps of their day change"),
    ("anew", "Their day is organised anew"),
]
ASKED = {"success_complexity", "success_routine_fit"}
MACHINE = {"success_environment_percent", "success_environment_date", "success_stage_percent"}


class ResPartner(models.Model):
    """The environment of a customer, which gives it more days for a stage.

    An answer that asks for more days counts in the current stage only if those days have not passed yet. Else it
    counts from the next stage on, so that nobody makes a late customer look on time.
    """

    _inherit = "res.partner"

    success_complexity = fields.Selection(
        COMPLEXITY,
        "Complexity",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="How complex the environment is. A more complex one is given more days for each stage. It changes no target, and even in a simple one all areas of change need measures.",
    )
    success_routine_fit = fields.Selection(
        ROUTINE_FIT,
        "Fit with Daily Routines",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="How the use of the system fits their daily routines. The more their day changes, the more days each stage is given.",
    )
    success_environment_percent = fields.Integer(
        "Days for the Environment (%)",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The percentage of the days of a stage that the complexity and the fit with daily routines take.",
    )
    success_environment_date = fields.Date(
        "Environment Changed On", readonly=True, copy=False, groups="base.group_user"
    )
    success_stage_percent = fields.Integer(
        "Days for the Environment in This Stage (%)",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The percentage that counts in the current stage. It is lower than the other one if the environment was changed after the days had passed.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self = without_defaults(self, MACHINE)
        partners = super().create([self._without_environment(vals) for vals in vals_list])
        partners.filtered(
            lambda p: p.success_complexity or p.success_routine_fit
        )._set_environment()
        return partners

    def write(self, vals):
        vals = self._without_environment(vals)
        asked = [
            name for name in ASKED & vals.keys() if self._changes_success(name, {name: vals[name]})
        ]
        stage_id = vals.get("success_stage_id")
        entering = (
            self.filtered(lambda p: p.success_stage_id.id != stage_id)
            if stage_id
            else self.browse()
        )
        # Before the change, because afterwards the days would be those that the change asks for.
        late = self.filtered("success_is_stalled") - entering if asked else self.browse()
        result = super().write(vals)
        if asked:
            self._set_environment(late)
        for partner in entering.sudo():
            if partner.success_stage_percent != partner.success_environment_percent:
                partner.success_stage_percent = partner.success_environment_percent
        return result

    @api.model
    def _without_environment(self, vals):
        """Return ``vals`` without the percentages, which only the system may set."""
        if self.env.su or not MACHINE & vals.keys():
            return vals
        return {name: value for name, value in vals.items() if name not in MACHINE}

    def _set_environment(self, late=()):
        """Set the percentages that the answers give; customers in ``late`` get no more days in this stage."""
        today = fields.Date.context_today(self)
        for partner in self.sudo():
            asked = environment_percent(partner.success_complexity, partner.success_routine_fit)
            before = partner.success_stage_percent or 100
            partner.write(
                {
                    "success_environment_percent": asked,
                    "success_environment_date": today,
                    "success_stage_percent": min(before, asked) if partner in late else asked,
                }
            )
