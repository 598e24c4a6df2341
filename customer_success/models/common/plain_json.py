from odoo import fields


class PlainJson(fields.Json):
    """JSON that is kept as the text it came as, for what the engine writes by the million and people read one by one.

    Odoo's own field is jsonb, which PostgreSQL takes apart on the way in: of all that it does to store a
    score that was two thirds (36 of 54 us; as json it takes 4). Keys also stay in the order they were given.
    """

    _column_type = ("json", "json")
