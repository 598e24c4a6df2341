from datetime import date, timedelta

from odoo.tests import TransactionCase, new_test_user

TODAY = date(2026, 6, 15)
# Figures of use that is known as a whole, and as intended: without a degree a customer is not good.
AS_INTENDED = dict.fromkeys(
    ("as_intended", "timely", "quality", "frequency", "in_place", "accuracy"), 100
)


def days(number):
    """Return the date ``number`` days before the frozen day of the tests."""
    return TODAY - timedelta(days=number)


class SuccessCase(TransactionCase):
    """A base class with customers, facts and users of each role; independent of demo data.

    Tests freeze time at ``TODAY`` where a date matters, and act as ``csm`` (own customers), ``lead_csm``
    (all customers), ``manager``, ``sales`` and ``portal``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        )
        cls.company = cls.env.company
        cls.csm = new_test_user(
            cls.env, "test_csm", "customer_success.group_success_user,base.group_allow_export"
        )
        cls.lead_csm = new_test_user(
            cls.env, "test_lead_csm", "customer_success.group_success_user_all"
        )
        cls.manager = new_test_user(
            cls.env,
            "test_manager",
            "customer_success.group_success_manager,sales_team.group_sale_manager",
        )
        cls.sales = new_test_user(cls.env, "test_sales", "sales_team.group_sale_salesman_all_leads")
        cls.stages = {
            name: cls.env.ref(f"customer_success.customer_success_stage_{name}")
            for name in (
                "discover",
                "prepare",
                "go_live",
                "first_use",
                "effective_use",
                "sustained_use",
            )
        }
        cls.product = cls.env["product.product"].create(
            {"name": "Planner", "default_code": "PLANNER"}
        )
        cls.questions = cls.env["customer.success.question"].search([])
        cls.scores = cls.env["customer.success.score"]

    @classmethod
    def _customer(cls, name="Acme", stage="effective_use", **vals):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "success_stage_id": cls.stages[stage].id,
                "success_stage_date": days(10),
                "success_user_id": cls.csm.id,
                **vals,
            }
        )

    @classmethod
    def _contact(cls, customer, name="Ada"):
        return cls.env["res.partner"].create({"name": name, "parent_id": customer.id})

    @classmethod
    def _usage(cls, customer, licensed=100, active=80, when=None, **vals):
        return cls.env["customer.success.usage"].create(
            {
                "partner_id": customer.id,
                "product_id": cls.product.id,
                "date": when or days(14),
                "source": "measured",
                "licensed_users": licensed,
                "active_users": active,
                **vals,
            }
        )

    @classmethod
    def _row(cls, customer=None, **vals):
        """Return a row of a delivery; ``customer`` is given by its reference."""
        row = {"product_code": "PLANNER", "date": "2026-05-20", "active_users": 80}
        if customer:
            row["customer_ref"] = customer.ref
        return {**row, **vals}

    @classmethod
    def _barrier(cls, customer, severity="2", **vals):
        return cls.env["customer.success.barrier"].create(
            {
                "partner_id": customer.id,
                "name": "Managers ask for sheets",
                "severity": severity,
                "state": "confirmed",
                "date_opened": days(90),
                **vals,
            }
        )

    @classmethod
    def _answer(cls, customer, question=None, signal="neutral", **vals):
        return cls.env["customer.success.answer"].create(
            {
                "partner_id": customer.id,
                "question_id": (question or cls.questions[0]).id,
                "signal": signal,
                "answer": "They said so",
                "date": days(5),
                **vals,
            }
        )

    @classmethod
    def _renewal(cls, customer, value=12000, **vals):
        return cls.env["customer.success.renewal"].create(
            {
                "partner_id": customer.id,
                "product_id": cls.product.id,
                "annual_value": value,
                "seats": 100,
                "date_start": days(265),
                "date_renewal": days(-100),
                **vals,
            }
        )

    @classmethod
    def _leave_out(cls, *codes):
        """Leave factors out of the scores, for tests of the others."""
        cls.env["customer.success.factor"].search([("code", "in", codes)]).active = False

    def _each(self, found):
        """Return what was found as a list that is not empty, so that the assertions of a loop over it are made."""
        found = list(found)
        self.assertTrue(found, "there is nothing to check")
        return found

    @classmethod
    def _rescore(cls, customers):
        cls.scores._rescore(customers)
        return customers.success_score_id
