from odoo import api, fields, models
from odoo.exceptions import UserError


class CustomerSuccessTopic(models.Model):
    """A topic of questions. Nine come with the method; users add their own."""

    _name = "customer.success.topic"
    _description = "Topic of Questions"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=100)
    code = fields.Char(
        help="The code identifies the topics that come with the method. It is empty for your own topics."
    )
    active = fields.Boolean(default=True)
    question_ids = fields.One2many("customer.success.question", "topic_id", "Questions")

    _code_uniq = models.Constraint("UNIQUE(code)", "A topic with this code exists already.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for topic in self:
            if topic.with_context(active_test=False).question_ids:
                raise UserError(
                    self.env._(
                        "“%s” has questions. Archive the topic, or move its questions to another topic.",
                        topic.name,
                    )
                )
