from odoo import fields, models


class ResPartner(models.Model):
    """Close the open plans of a customer that leaves, if the dialog says so."""

    _inherit = "res.partner"

    def _success_open_work(self):
        lines = super()._success_open_work()
        objectives = self.success_objective_ids.filtered(lambda one: one.state == "open")
        changes = self.success_change_ids.filtered("is_open")
        if objectives:
            lines.append(self.env._("open objectives: %d", len(objectives)))
        if changes:
            lines.append(self.env._("changes ahead: %d", len(changes)))
        if self.success_plan_id:
            lines.append(self.env._("the success plan"))
        return lines

    def _success_close_records(self):
        """Mark objectives that are late as missed, so that leaving hides no failure; drop the others and the changes."""
        result = super()._success_close_records()
        today = fields.Date.context_today(self)
        objectives = self.success_objective_ids.filtered(lambda one: one.state == "open")
        late = objectives.filtered(lambda one: one.date_due and one.date_due < today)
        late.state = "missed"
        (objectives - late).state = "dropped"
        self.success_change_ids.filtered("is_open").state = "dropped"
        self.success_plan_ids.filtered(lambda plan: plan.state == "active").state = "closed"
        return result
