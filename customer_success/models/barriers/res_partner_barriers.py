from odoo import fields, models


class ResPartner(models.Model):
    """The search for barriers at a customer."""

    _inherit = "res.partner"

    success_barriers_checked = fields.Date(
        "Barriers Looked For",
        copy=False,
        groups="base.group_user",
        help="When all areas were last gone through. Without it, and without a barrier, nobody has looked.",
    )

    def _success_barrier_hints(self):
        """What the data says about where to look, in words."""
        self.ensure_one()
        hints = []
        if self.success_willing_not_using:
            hints.append(
                self.env._("They are willing and do not use it: something stands in their way.")
            )
        live = self.success_stage_id.phase in ("go_live", "after")
        for flag in self.success_symptom_flag_ids:
            if live and flag.symptom_id.code == "idle":
                hints.append(self.env._("Live, and %s sits idle.", flag.product_id.sudo().name))
            elif not flag.has_barrier:
                hints.append(
                    self.env._(
                        "%(symptom)s of %(product)s, and no barrier is known that explains it.",
                        symptom=flag.symptom_id.name,
                        product=flag.product_id.sudo().name,
                    )
                )
        if missing := self._missing_success_roles():
            hints.append(self.env._("People: %s.", ", ".join(missing)))
        worrying = self.success_answer_ids.filtered(
            lambda answer: answer.signal == "blocker" and not answer.barrier_ids
        )
        hints += [
            self.env._(
                "A blocker without a barrier: “%s”", answer.answer or answer.question_id.name
            )
            for answer in worrying
        ]
        return hints

    def action_success_check_barriers(self):
        """Go through the ten areas."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Search for Barriers"),
            "res_model": "customer.success.barrier.check",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_id": self.id, "dialog_size": "extra-large"},
        }
