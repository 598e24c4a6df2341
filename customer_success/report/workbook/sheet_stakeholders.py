"""The sheet of stakeholders: how willing and able sponsors, champions and others are, and what is next with them."""

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ...models.customer.customer_success_stakeholder import NEXT_STEP
from ...scoring.people import LAST_SIGN
from .rows import Labels
from .sheet import register
from .sheet_customers import coloured
from .table import Column, Table

_lt = LazyTranslate(__name__)

WILLINGNESS_COLOURS = {"1": "bad", "2": "warn", "4": "good", "5": "good"}


@register
class Stakeholders(Table):
    code = "stakeholders"
    title = _lt("Stakeholders")
    sequence = 78
    model = "customer.success.stakeholder"
    order = "partner_id, role, id"

    def heading(self):
        return self.env._("Stakeholders, by customer")

    def note(self):
        return self.env._(
            "The last conversation is the last one with this person that left a summary or an answer."
        )

    def make_columns(self):
        _ = self.env._
        willingness = Labels(self.env[self.model], "willingness")
        return (
            self.customer(),
            self.record("contact_id", _("Person"), "res.partner", 24, "name"),
            self.choice("role", _("Role"), 16),
            self.choice("influence", _("Influence"), 10),
            self.choice(
                "willingness",
                _("Willingness"),
                12,
                colours=coloured(willingness, WILLINGNESS_COLOURS),
            ),
            Column("willingness_date", _("Seen on"), "date", 11),
            self.choice("skills", _("Skills"), 11),
            Column("next_step", _("Next step"), "text", 36, self._step("summary")),
            Column("next_step_date", _("Next step by"), "date", 11, self._step("date_deadline")),
            Column("last_talk_date", _("Last conversation"), "date", 12, self._last_sign),
            Column(
                "role_explained_date", _("CSM's role explained on"), "date", 12, self._explained
            ),
            Column("date", _("Named on"), "date", 11),
            Column("away_until", _("Away until"), "date", 11),
        )

    def _step(self, name):
        """Return the function that selects a column of the next step with a person."""
        kind = self.env.ref(NEXT_STEP, raise_if_not_found=False)

        def select(query):
            return SQL(
                """(SELECT activity.%s
                      FROM mail_activity activity
                     WHERE activity.res_model = 'res.partner'
                       AND activity.res_id = %s
                       AND activity.activity_type_id = %s
                       AND activity.active
                  ORDER BY activity.date_deadline, activity.id
                     LIMIT 1)""",
                SQL.identifier(name),
                SQL.identifier(query.table, "contact_id"),
                kind.id if kind else None,
            )

        return select

    def _last_sign(self, query):
        return SQL(LAST_SIGN.replace("stakeholder.", f'"{query.table}".'))

    def _explained(self, query):
        return SQL(
            """(SELECT max(talk.date)
                  FROM customer_success_interaction talk
                  JOIN customer_success_interaction_contact_rel rel ON rel.interaction_id = talk.id
                 WHERE rel.contact_id = %s
                   AND talk.partner_id = %s
                   AND talk.state = 'held'
                   AND talk.role_explained)""",
            SQL.identifier(query.table, "contact_id"),
            SQL.identifier(query.table, "partner_id"),
        )
