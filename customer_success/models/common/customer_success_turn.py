from odoo import api, fields, models


class CustomerSuccessTurn(models.AbstractModel):
    """A record on which the next step is ours or the customer's.

    The turn follows the facts of the record. Somebody may set another one, which stays until one of these facts
    changes. A record that is not open has no turn.
    """

    _name = "customer.success.turn"
    _inherit = ["customer.success.open"]
    _description = "Record with a Turn"

    turn = fields.Selection(
        [("ours", "Ours"), ("customer", "Customer")],
        "Whose Turn",
        compute="_compute_turn",
        store=True,
        readonly=False,
        help="Who takes the next step. It follows the record; one that you set stays until the record changes. The "
        "customer sees it in the portal.",
    )
    turn_since = fields.Date(compute="_compute_turn", store=True)
    turn_overdue = fields.Boolean(
        "Our Turn Too Long",
        compute="_compute_turn_overdue",
        search="_search_turn_overdue",
        help="It has been our turn for a long timeer than the settings allow.",
    )

    @api.model
    def _turn_facts(self):
        """Return the names of the fields that the turn follows."""
        return ["state", "is_open"]

    def _turn_of_facts(self):
        """Return the turn of one open record as its facts say, or False if they do not say it."""
        self.ensure_one()
        return False

    @api.depends(lambda self: self._turn_facts())
    def _compute_turn(self):
        today = fields.Date.context_today(self)
        for record in self:
            turn = record._turn_of_facts() if record.is_open else False
            if turn != record.turn or not record.turn_since:
                record.turn_since = turn and today
            record.turn = turn

    @api.depends("turn", "turn_since", "is_open")
    def _compute_turn_overdue(self):
        limit = self._turn_limit()
        for record in self:
            since = record.turn_since
            record.turn_overdue = bool(
                record.is_open and record.turn == "ours" and since and since < limit
            )

    def _search_turn_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = fields.Domain(
            [("is_open", "=", True), ("turn", "=", "ours"), ("turn_since", "<", self._turn_limit())]
        )
        return found if True in value else ~found

    @api.model
    def _turn_limit(self):
        """Return the day before which our turn must not have begun."""
        days = int(self.env["customer.success.settings"]._limit("turn_days"))
        return fields.Date.subtract(fields.Date.context_today(self), days=days)

    @api.model_create_multi
    def create(self, vals_list):
        today = fields.Date.context_today(self)
        vals_list = [
            {**_without_since(vals), **({"turn_since": today} if vals.get("turn") else {})}
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        vals = _without_since(vals)
        if "turn" not in vals:
            return super().write(vals)
        moved = self.filtered(lambda record: record.turn != (vals["turn"] or False))
        result = super().write(vals)
        today = fields.Date.context_today(self)
        super(CustomerSuccessTurn, moved).write({"turn_since": vals["turn"] and today})
        return result


def _without_since(vals):
    """Return ``vals`` without the day since which it is somebody's turn, which nobody sets by hand."""
    return {name: value for name, value in vals.items() if name != "turn_since"}
