from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import TODAY, SuccessCase, days


class GroupCase(SuccessCase):
    """A group: a head, two subsidiaries, and one below the second; half of it belongs to another CSM."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._customer("Head")
        cls.mine = cls._customer("Mine", parent_id=cls.head.id)
        cls.theirs = cls._customer("Theirs", parent_id=cls.head.id, success_user_id=cls.lead_csm.id)
        cls.deep = cls._customer("Deep", parent_id=cls.theirs.id, success_user_id=cls.lead_csm.id)
        cls.group = cls.head | cls.mine | cls.theirs | cls.deep

    @classmethod
    def _say(cls, customer, **figures):
        """Give the score of a customer these figures, as the engine would."""
        score = customer.sudo().success_score_id
        score.write({"currency_id": cls.company.currency_id.id, **figures})
        cls.env.invalidate_all()

    def _seen_by(self, user, customer=None):
        self.env.invalidate_all()
        return (customer or self.head).with_user(user)


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestGroupPaths(GroupCase):
    """The path of a company follows it wherever it goes."""

    def _paths(self):
        self.env.invalidate_all()
        return [one.success_group_path for one in self.group]

    def _path(self, *companies):
        return "".join(f"{company.id}/" for company in companies)

    def test_a_company_keeps_the_way_from_the_topmost_down(self):
        head, mine, theirs, deep = self.group
        self.assertEqual(
            self._paths(),
            [
                False,
                self._path(head, mine),
                self._path(head, theirs),
                self._path(head, theirs, deep),
            ],
        )

    def test_moving_a_subsidiary_moves_all_below_it_and_their_figures(self):
        other = self._customer("Other")
        self._say(self.deep, renewal_risk=80.0)
        self.assertEqual(self._seen_by(self.manager).success_group_renewal_risk, 80)
        self.theirs.with_user(self.manager).parent_id = other
        self.assertEqual(self.deep.success_group_path, self._path(other, self.theirs, self.deep))
        self.assertIs(self._seen_by(self.manager).success_group_renewal_risk, False)
        self.assertEqual(self._seen_by(self.manager, other).success_group_renewal_risk, 80)
        self.theirs.parent_id = False
        self.assertEqual(self._paths()[2:], [False, self._path(self.theirs, self.deep)])
        self.assertEqual(self._seen_by(self.manager, other).success_group_size, 0)

    def test_figures_move_within_one_transaction_too(self):
        other = self._customer("Other").with_user(self.manager)
        head = self.head.with_user(self.manager)
        self.assertEqual((head.success_group_size, other.success_group_size), (4, 0))
        self.theirs.with_user(self.manager).parent_id = other
        self.assertEqual((head.success_group_size, other.success_group_size), (2, 3))

    def test_contacts_have_no_path_but_pass_the_group_on(self):
        person = self._contact(self.mine)
        below = self._customer("Below a Person", parent_id=person.id)
        self.assertFalse(person.success_group_path)
        self.assertEqual(below.success_group_path, self._path(self.head, self.mine, below))
        person.parent_id = self.deep
        self.assertEqual(
            below.success_group_path, self._path(self.head, self.theirs, self.deep, below)
        )

    def test_a_company_that_becomes_a_contact_leaves_the_group(self):
        company = self.env["res.partner"].create(
            {"name": "Branch", "is_company": True, "parent_id": self.head.id}
        )
        self.assertTrue(company.success_group_path)
        company.with_user(self.manager).is_company = False
        self.assertFalse(company.success_group_path)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.mine.is_company = False
        self.env.invalidate_all()
        self.assertTrue(self.mine.success_group_path)

    def test_a_group_is_not_its_own_parent(self):
        for parent in (self.head, self.deep):
            with (
                self.subTest(parent=parent.name),
                self.assertRaises(ValidationError) as refused,
                self.cr.savepoint(),
            ):
                self.head.with_user(self.manager).parent_id = parent
            self.assertIn("recursive", str(refused.exception).lower())
        self.assertEqual(self._paths()[0], False)

    def test_twelve_levels_are_one_group(self):
        lowest = self.deep
        for number in range(12):
            lowest = self._customer(f"Level {number}", parent_id=lowest.id)
        self._say(lowest, renewal_risk=90.0)
        head = self._seen_by(self.manager)
        self.assertEqual(head.success_group_size, 16)
        self.assertEqual(head.success_group_riskiest_id, lowest)
        self.assertEqual(lowest.with_user(self.manager).success_parent_id.name, "Level 10")

    def test_deleting_a_company_in_between_cuts_the_way(self):
        holding = self.env["res.partner"].create(
            {"name": "Holding", "is_company": True, "parent_id": self.head.id}
        )
        self.mine.parent_id = holding
        self.assertEqual(self.mine.success_group_path, self._path(self.head, holding, self.mine))
        self.assertEqual(self.mine.with_user(self.csm).success_parent_id, self.head)
        holding.unlink()
        self.assertFalse(self.mine.success_group_path)

    def test_erasing_the_head_takes_nothing_from_those_below(self):
        person = self._contact(self.mine)
        barrier = self._barrier(self.mine, owner_contact_id=person.id)
        self._answer(self.mine, contact_id=person.id)
        self.assertFalse(self.head._success_history(), "that of a subsidiary is not its own")
        self.manager.group_ids += self.env.ref("base.group_partner_manager")
        wizard = self.env["customer.success.erase"].with_user(self.manager)
        wizard.create({"partner_ids": self.head.ids, "confirmation": "Head"}).action_erase()
        self.env.invalidate_all()
        self.assertEqual(barrier.owner_contact_id, person)
        self.assertFalse(self.mine.success_group_path)
        self.assertEqual(self.deep.success_group_path, self._path(self.theirs, self.deep))

    def test_merging_moves_what_was_below(self):
        keeps = self._customer("Keeps")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([keeps.id, self.theirs.id], keeps)
        self.env.invalidate_all()
        self.assertEqual(self.deep.parent_id, keeps)
        way = [keeps, self.deep]
        if keeps.parent_id:
            way.insert(0, self.head)
        self.assertEqual(self.deep.success_group_path, self._path(*way))

    def test_a_merge_with_the_own_parent_is_refused(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        with self.assertRaises(UserError):
            wizard._merge([self.head.id, self.deep.id], self.head)

    def test_nobody_writes_a_path(self):
        path = self.mine.success_group_path
        self.mine.with_user(self.manager).success_group_path = "1/2/"
        self.assertEqual(self.mine.success_group_path, path)
        made = (
            self.env["res.partner"]
            .with_user(self.manager)
            .create({"name": "Made", "is_company": True, "success_group_path": "1/2/"})
        )
        self.assertFalse(made.success_group_path)

    def test_an_installation_writes_the_paths_that_are_missing(self):
        self.env.flush_all()
        self.cr.execute("UPDATE res_partner SET success_group_path = NULL")
        self.env["res.partner"].init()
        self.assertEqual(self._paths()[3], self._path(self.head, self.theirs, self.deep))

    def test_a_move_is_one_statement_whatever_is_below(self):
        def queries(children):
            top = self._customer("Top")
            moved = self._customer("Moved")
            for number in range(children):
                self._customer(f"Child {number}", parent_id=moved.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            moved.write({"parent_id": top.id})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(30), queries(3))


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestGroups(GroupCase):
    """A group counts and names only what its reader may see, and only customers that are followed."""

    def test_each_reader_sees_the_own_group(self):
        found = {
            user.login: self._seen_by(user).success_group_ids
            for user in (self.csm, self.lead_csm, self.manager, self.sales)
        }
        self.assertEqual(found["test_csm"], self.head | self.mine)
        for login in ("test_lead_csm", "test_manager", "test_sales"):
            self.assertEqual(found[login], self.group, login)

    def test_the_portal_sees_no_group(self):
        contact = self._contact(self.head)
        portal = new_test_user(self.env, "test_portal_group", "base.group_portal")
        portal.partner_id.parent_id = self.head
        names = [name for name in contact._fields if name.startswith("success_group_")]
        head = self._seen_by(portal)
        for name in self._each([*names, "success_parent_id", "success_subsidiary_ids"]):
            with self.subTest(name=name), self.assertRaises(AccessError):
                head.read([name])
        for domain in (
            [("success_group_ids", "!=", False)],
            [("success_parent_id", "=", self.head.id)],
            [("success_group_path", "!=", False)],
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                head.search(domain)
        with self.assertRaises(AccessError):
            head.action_success_group()

    def test_a_csm_reads_the_own_half_also_where_the_head_is_not_theirs(self):
        self.head.success_user_id = self.lead_csm
        below = self._customer("Below", parent_id=self.theirs.id)
        head = self._seen_by(self.csm)
        self.assertEqual(head.success_group_ids, self.mine | below)
        self.assertFalse(below.with_user(self.csm).success_parent_id)
        self.assertEqual(self._seen_by(self.manager, below).success_parent_id, self.theirs)

    def test_what_does_not_count(self):
        self._say(self.theirs, renewal_risk=90.0)
        self._say(self.mine, renewal_risk=20.0)
        for why, vals, back in (
            ("former", {"success_former_date": days(1)}, {"success_former_date": False}),
            ("archived", {"active": False}, {"active": True}),
        ):
            with self.subTest(why):
                self.theirs.write(vals)
                head = self._seen_by(self.manager)
                self.assertEqual(head.success_group_ids, self.head | self.mine | self.deep)
                self.assertEqual(head.success_group_renewal_risk, 20)
                self.assertEqual(self.deep.with_user(self.manager).success_parent_id, self.head)
                self.theirs.write(back)
        self.theirs.with_user(self.manager).action_success_stop()
        self.assertEqual(self._seen_by(self.manager).success_group_size, 3)

    def test_one_customer_alone_is_no_group(self):
        self.assertFalse(self._seen_by(self.manager, self.deep).success_group_ids)
        self.assertEqual(self._seen_by(self.manager, self.theirs).success_group_size, 2)
        self.assertEqual(
            self._seen_by(self.csm, self.theirs).success_group_size, 0, "none that they may see"
        )

    def test_lists_find_heads_and_subsidiaries(self):
        def found(user, *domain):
            self.env.invalidate_all()
            partners = self.env["res.partner"].with_user(user)
            return partners.search([("id", "in", self.group.ids), *domain])

        heads = ("success_group_ids", "!=", False)
        self.assertEqual(found(self.manager, heads), self.head | self.theirs)
        self.assertEqual(found(self.csm, heads), self.head)
        self.assertEqual(
            found(self.manager, ("success_group_ids", "in", self.deep.ids)),
            self.head | self.theirs,
        )
        self.assertEqual(
            found(self.manager, ("success_group_ids", "=", False)), self.mine | self.deep
        )
        parent = "success_parent_id"
        self.assertEqual(
            found(self.manager, (parent, "!=", False)), self.mine | self.theirs | self.deep
        )
        self.assertEqual(
            found(self.csm, (parent, "!=", False)), self.mine | self.theirs & self.mine
        )
        self.assertEqual(found(self.manager, (parent, "=", self.head.id)), self.mine | self.theirs)
        self.assertEqual(
            found(self.manager, (parent, "in", [self.theirs.id, False])), self.head | self.deep
        )

    def test_a_company_of_others_stays_out_of_sight(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.mine.company_id = elsewhere
        self._say(self.mine, renewal_risk=99.0)
        head = self._seen_by(self.manager)
        self.assertNotIn(self.mine, head.success_group_ids)
        self.assertIs(head.success_group_renewal_risk, False)
        self.manager.company_ids |= elsewhere
        both = [self.company.id, elsewhere.id]
        head = self._seen_by(self.manager).with_context(allowed_company_ids=both)
        self.assertEqual(head.success_group_riskiest_id, self.mine)
        only = head.with_context(allowed_company_ids=[self.company.id])
        self.assertNotIn(self.mine, only.success_group_ids)

    def test_the_tree_shows_what_its_reader_may_see(self):
        view = self.env.ref("customer_success.res_partner_view_success_hierarchy")
        tree = etree.fromstring(view.arch)
        names = {
            "success_parent_id": {"fields": {"display_name": {}}},
            "success_subsidiary_ids": {"fields": {}},
            **{field.get("name"): {} for field in tree.findall("field")},
        }

        def rows(user, customer):
            action = self._seen_by(user, customer).action_success_group()
            self.assertEqual(action["res_model"], "res.partner")
            partners = self.env["res.partner"].with_user(user)
            found = partners.hierarchy_read(
                action["domain"], dict(names), "success_parent_id", "success_subsidiary_ids"
            )
            return {
                row["name"]: (row["success_parent_id"] or {}).get("display_name") for row in found
            }

        self.assertEqual(
            rows(self.manager, self.deep),
            {"Head": None, "Mine": "Head", "Theirs": "Head", "Deep": "Theirs"},
        )
        self.assertEqual(rows(self.csm, self.head), {"Head": None, "Mine": "Head"})

    def test_the_lists_of_the_head_can_be_widened(self):
        barriers = {one: self._barrier(one) for one in self.group}
        action = self._seen_by(self.manager).action_success_barriers()
        self.assertTrue(action["context"]["search_default_this_company"])
        wide = self._seen_by(self.manager).with_context(success_with_subsidiaries=True)
        for method, model in (
            ("action_success_interactions", "customer.success.interaction"),
            ("action_success_barriers", "customer.success.barrier"),
            ("action_success_renewals", "customer.success.renewal"),
            ("action_success_objectives", "customer.success.objective"),
        ):
            with self.subTest(method=method):
                action = getattr(wide, method)()
                self.assertTrue(action["context"]["search_default_with_subsidiaries"])
                search = self.env[model].get_view(view_type="search")["arch"]
                self.assertIn('name="with_subsidiaries"', search)
                self.env[model].with_user(self.manager).search(action["domain"])
        records = self.env["customer.success.barrier"]
        domain = wide.action_success_barriers()["domain"]
        ours = self.env["customer.success.barrier"].union(*barriers.values())
        self.assertEqual(records.with_user(self.manager).search(domain) & ours, ours)
        self.assertEqual(
            records.with_user(self.csm).search(domain) & ours,
            barriers[self.head] | barriers[self.mine],
        )
        self.theirs.success_former_date = days(1)
        self.assertNotIn(barriers[self.theirs], records.with_user(self.manager).search(domain))

    def test_lists_of_a_customer_alone_have_no_switch(self):
        action = self._seen_by(self.csm, self.mine).action_success_barriers()
        self.assertEqual(action["domain"], [("partner_id", "=", self.mine.id)])
        self.assertNotIn("success_group", action["context"])

    def test_a_subsidiary_has_the_page_of_customer_success(self):
        arch = etree.fromstring(self.env["res.partner"].get_view(view_type="form")["arch"])
        page = arch.find(".//page[@name='customer_success']")
        self.assertEqual(page.get("invisible"), "parent_id and not is_company")
