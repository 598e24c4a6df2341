from odoo import fields
from odoo.tests import Form

from ...models.plans.customer_success_plan_content import CAPABILITY, LEADERS
from ...scoring.factors import plan as plan_factor
from ...scoring.facts import gather
from ...scoring.levers import levers
from ...scoring.use import DEGREES


class Promises:
    """Does what a lever proposes, by the forms and buttons of a CSM, and compares the promise with the scores afterwards."""

    def _levers(self, customer):
        self.env.flush_all()
        rules = self.env["customer.success.score"]._rules()
        [facts] = gather(self.env.cr, customer.ids, rules, fields.Date.today(), everything=True)
        return facts, *levers(facts, rules)

    def _check_promises(self, customer, user, kinds=None):
        """Do each thing that would help this customer, one at a time; return the kinds that were done."""
        done = set()
        facts, _before, effects = self._levers(customer)
        for effect in effects:
            kind = effect.lever.kind
            if (kinds and kind not in kinds) or self._skips(facts, kind):
                continue
            with self.subTest(customer.name, kind=kind, subject=effect.subject):
                savepoint = self.env.cr.savepoint()
                getattr(self, f"_do_{kind}")(customer.with_user(user), effect.subject)
                self.env.flush_all()
                self.env["customer.success.score"]._rescore(customer)
                self.env.invalidate_all()
                if effect.risk is not None:
                    self.assertAlmostEqual(customer.success_renewal_risk, effect.risk, 1)
                if effect.health is not None:
                    self.assertAlmostEqual(customer.success_health, effect.health, 1)
                savepoint.rollback()
                self.env.invalidate_all()
                done.add(kind)
        return done

    def _person(self, customer):
        return self.env["res.partner"].create(
            {"name": "Prudence", "parent_id": customer.id, "company_id": customer.company_id.id}
        )

    def _do_removed(self, customer, barrier_id):
        barrier = customer.env["customer.success.barrier"].browse(barrier_id)
        if barrier.state == "potential":
            with Form(barrier) as form:
                form.cause = "organisational"
                form.state = "confirmed"
        if barrier.authority != "granted":
            with Form(barrier) as form:
                if not form.owner_contact_id:
                    form.owner_contact_id = self._person(customer)
                form.authority = "granted"
        for state in ("removing", "removed"):
            if barrier.state != state:
                with Form(barrier) as form:
                    form.state = state
        self.assertFalse(barrier.is_open)

    def _do_adopted(self, customer, subject):
        """The product delivers more users for the last month that is over; see :meth:`_skips` for the trend."""
        product_id, more = subject if isinstance(subject, list) else (None, subject)
        found = self.env["customer.success.usage"].search(
            [
                ("partner_id", "=", customer.id),
                ("source", "=", "measured"),
                ("active_users", "!=", False),
                ("date", "<", fields.Date.today().replace(day=1)),
                *([("product_id", "=", product_id)] if product_id else []),
            ],
            order="date desc",
            limit=1,
        )
        found.active_users += more

    def _skips(self, facts, kind):
        """Return True if a promise is not kept at once: the trend follows more users month by month."""
        return kind == "adopted" and (
            facts.active_before is not None or facts.active_last_year is not None
        )

    def _do_assessed(self, customer, _number):
        with Form.from_action(customer.env, customer.action_success_assess_all()) as dialog:
            for place, line in enumerate(dialog.line_ids._records):
                if not customer.success_usage_ids.filtered(
                    lambda usage, line=line: usage.product_id.id == line["product_id"]
                ):
                    continue  # a product that a renewal names and nobody uses
                with dialog.line_ids.edit(place) as edited:
                    for degree in DEGREES:
                        if degree not in (line["measured"] or ()) and not line[degree]:
                            setattr(edited, degree, "70")
        dialog.record.action_save()

    def _do_asked(self, customer, _number):
        """Ask in one conversation; who said something says it again, and who is asked first is as content as the others."""
        action = customer.action_success_prepare()
        talks = customer.env["customer.success.interaction"].with_context(**action["context"])
        form = Form(talks)
        form.quality = "4"
        for place, line in enumerate(form.line_ids._records):
            said = self.env["customer.success.answer"].search(
                [("partner_id", "=", customer.id), ("question_id", "=", line["question_id"])],
                limit=1,
            )
            with form.line_ids.edit(place) as edited:
                edited.rating = said.rating or "4"
        form.save().action_log()

    def _do_confirmed(self, customer, objective_id):
        objective = customer.env["customer.success.objective"].browse(objective_id)
        with Form(objective) as form:
            form.confirmed_by_id = self._person(customer)
            form.evidence = "They said so in the meeting of the board."
            if objective.below_target:
                form.shortfall_reason = "It is enough for them."
        objective.action_confirm()

    def _do_reviewed(self, customer, _subject):
        with Form(customer.success_plan_id) as form:
            form.next_review_date = fields.Date.add(fields.Date.today(), days=90)

    def _do_completed(self, customer, _subject):
        with Form(customer.success_plan_id) as form:
            self._complete(form, customer.success_plan_id.unanswered.split())

    def _do_started(self, customer, _subject):
        form = Form(
            customer.env["customer.success.plan"].with_context(default_partner_id=customer.id)
        )
        plan = form.save()
        with Form(plan) as form:
            self._complete(form, plan.unanswered.split())
        plan.action_activate()

    def _complete(self, form, names):
        choices = {
            "relies_on_mandate": "no",
            "internal_programme": "running",
            "complexity_level": "one",
            "routine_fit": "fits",
            **dict.fromkeys(LEADERS, "yes"),
            **dict.fromkeys(CAPABILITY, "4"),
        }
        for name in names:
            setattr(
                form,
                name,
                choices.get(name, f"What all of them said about {name} was written down"),
            )

    def _do_capable(self, customer, place):
        name = plan_factor.CAPABILITY[place]
        with Form(customer.success_plan_id) as form:
            if name in CAPABILITY:
                setattr(form, name, "4")
            else:
                form.internal_programme = "running"

    def _do_ahead(self, customer, _subject):
        with Form(
            customer.env["customer.success.change"].with_context(default_partner_id=customer.id)
        ) as form:
            form.name = "The next version"
            form.kind = "upgrade"
            form.date = fields.Date.add(fields.Date.today(), days=120)

    def _name(self, customer, role):
        people = customer.env["customer.success.stakeholder"].with_context(
            default_partner_id=customer.id
        )
        with Form(people) as form:
            form.contact_id = self._person(customer)
            form.role = role

    def _do_sponsor(self, customer, _subject):
        self._name(customer, "sponsor")

    def _do_champion(self, customer, _subject):
        self._name(customer, "champion")
