from odoo.tests import Form, new_test_user

from ..common import SuccessCase

CHOICE = "customer_success.mail_activity_type_term_choice"


class MergedTermsCase(SuccessCase):
    """A base class with two customers that are one, their merge, and the choice between their terms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.merger = new_test_user(
            cls.env,
            "merger",
            "customer_success.group_success_manager,base.group_partner_manager",
        )
        cls.keeps = cls._customer("Acme", email="a@example.com", user_id=cls.sales.id)
        cls.goes = cls._customer("Acme Inc.", email="a@example.com", user_id=cls.sales.id)

    def _merge(self, *more):
        """Merge in Odoo's wizard, as its form does."""
        partners = self.keeps | self.goes | self.env["res.partner"].union(*more)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.merger)
        wizard = wizard.with_context(active_model="res.partner", active_ids=partners.ids).create(
            {"dst_partner_id": self.keeps.id, "partner_ids": partners.ids}
        )
        wizard.action_merge()
        self.env.invalidate_all()

    def _terms(self, **context):
        return (
            self.env["customer.success.renewal"]
            .with_context(**context)
            .search([("partner_id", "=", self.keeps.id)], order="date_renewal, id")
        )

    def _asked(self, term, question=CHOICE):
        return term.activity_ids.filtered(lambda a: a.activity_type_id == self.env.ref(question))

    def _choose(self, term, choice, user=None, **vals):
        action = term.with_user(user or self.csm).action_choose_term()
        form = Form(
            self.env["customer.success.term.choice"]
            .with_user(user or self.csm)
            .with_context(**action["context"])
        )
        form.choice = choice
        for name, value in vals.items():
            form[name] = value
        form.save().action_choose()
        self.env.invalidate_all()
