from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ..common import TODAY, days
from .workbook_common import WorkbookCase


class FollowedCase(WorkbookCase):
    """A base class of tests of lists: a book of customers with everything open that lists show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.symptom = cls.env.ref("customer_success.customer_success_symptom_idle")
        cls.book = cls.env["res.partner"]
        for number in range(5):
            customer = cls._customer(f"Life {number}")
            cls.book |= customer
            cls._usage(customer)
            cls._renewal(customer, value=1000 + number)
            cls._ended(customer)
            cls._barrier(customer)
            cls._barrier(customer, state="removed")
            for gone in (False, days(5)):
                cls.env["customer.success.symptom.flag"].create(
                    {
                        "partner_id": customer.id,
                        "product_id": cls.product.id,
                        "symptom_id": cls.symptom.id,
                        "date_from": days(30 if gone else 3),
                        "date_to": gone,
                    }
                )
            for model in ("objective", "change"):
                cls.env[f"customer.success.{model}"].create(
                    {"name": f"Theirs {model}", "partner_id": customer.id}
                )
            cls.env["customer.success.interaction"].create(
                {"partner_id": customer.id, "date": days(2), "summary": "They decided"}
            )
            customer.activity_schedule(user_id=cls.manager.id, date_deadline=TODAY)
            cls._listed_elsewhere(customer)
        cls._rescore(cls.book)

    @classmethod
    def _listed_elsewhere(cls, customer):
        """Give the customer a plan whose review is over, a skill gap, a target, a run, a person and advice."""

        def create(model, **vals):
            return cls.env[f"customer.success.{model}"].create({"partner_id": customer.id, **vals})

        plan = create("plan", date=days(200), next_review_date=days(5))
        plan.action_activate()
        skill = cls.env["customer.success.skill"].search([("holder", "=", "customer")], limit=1)
        create("skill.rating", skill_id=skill.id, rating="2", target="4")
        create("intended.use", product_id=cls.product.id, quality=80)
        play = cls.env["customer.success.play"].search([], limit=1)
        create("play.run", play_id=play.id, cause="test", date=TODAY)
        contact = cls._contact(customer)
        create("stakeholder", contact_id=contact.id, role="sponsor")
        answer = cls._answer(customer, signal="blocker")
        recommendation = cls.env["customer.success.recommendation"].search([], limit=1)
        if not answer.advice_ids:
            create("advice", answer_id=answer.id, recommendation_id=recommendation.id)

    @classmethod
    def _ended(cls, customer):
        return cls._renewal(
            customer,
            outcome="contracted",
            date_renewal=days(265),
            date_start=days(630),
            renewed_value=900,
        )

    def _listed(self, action, domain=(), user=None):
        """Return what the action lists among the records of ``domain``."""
        action = self.env["ir.actions.act_window"]._for_xml_id(f"customer_success.{action}")
        model = self.env[action["res_model"]].with_user(user or self.manager)
        return model.search(Domain(safe_eval(action["domain"] or "[]")) & Domain(list(domain)))

    def _decide(self, customer, is_lost):
        """End the term that was pending in churn today, or set it back to pending."""
        term = customer.success_renewal_ids.filtered(lambda one: one.date_start == days(265))
        if is_lost:
            term.write({"date_renewal": TODAY, "outcome": "churned"})
        else:
            term.outcome = "pending"
