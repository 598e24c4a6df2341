from odoo import models


class CustomerSuccessExplanation(models.AbstractModel):
    _inherit = "customer.success.explanation"

    def _say_tickets(self, evidence):
        said = [self.env._("%d open tickets", evidence["open"])]
        if evidence.get("old"):
            said.append(self.env._("%d of them older than two weeks", evidence["old"]))
        if evidence.get("usual") is None:
            said.append(self.env._("%d new in 13 weeks", evidence["latest"]))
        else:
            said.append(
                self.env._(
                    "%(latest)d new in 13 weeks, %(usual).1f are usual for them",
                    latest=evidence["latest"],
                    usual=evidence["usual"],
                )
            )
        return " · ".join(said)
