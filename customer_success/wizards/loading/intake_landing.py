"""Write the rows of a customer file, set by set; a row that breaks its set is found and left out."""

from collections import Counter

import psycopg2

from odoo import models
from odoo.exceptions import UserError

from .intake_reading import Reader, Reject

CREATE_BATCH = 500
IDENTITY = ("ref", "vat", "name")
# What a row may bring besides its customer: column set, model, and what names a record of a customer.
LINES = (
    ("renewal", "customer.success.renewal", ("product_id", "company_id", "date_renewal")),
    ("usage", "customer.success.usage", ("product_id", "source", "date", "period")),
    ("opportunity", "crm.lead", ("name",)),
)
OUTCOME_FIGURES = ("date_outcome", "renewed_value", "renewed_seats", "reason_id", "reason_note")
PLURALS = {"renewal": "renewals", "usage": "usages", "opportunity": "opportunities"}


class Landing(Reader):
    """One file on its way in: read row by row, written set by set."""

    def land(self):
        """Write what was kept; return the customers' ids in the order of the rows that landed."""
        landed = dict(self._land(self.rows))
        return [landed[number] for number in sorted(landed)]

    def _land(self, rows):
        """Land rows together, or by halves where one of them breaks the set, down to the row to blame."""
        if not rows:
            return []
        try:
            with self.env.cr.savepoint():
                landed, counts, rejects = self._land_set(rows)
        except (UserError, psycopg2.Error, ValueError) as error:
            self.env.invalidate_all()
            if len(rows) > 1:
                half = len(rows) // 2
                return self._land(rows[:half]) + self._land(rows[half:])
            self._reject(rows[0][0], Reject("customer", str(error).split("\n", 1)[0]))
            return []
        self.counts.update(counts)
        for number, reject in rejects:
            self._reject(number, reject)
        return landed

    def _land_set(self, rows):
        """Write rows; return ``([(number, customer id)], counts, [(number, reject)])``."""
        counts, rejects, kept = Counter(), [], []
        found = self._find_customers(rows)
        new = {}  # what names a new customer -> its values
        seen = {}
        for number, parsed in rows:
            try:
                target = self._target(parsed, found, new)
                self._place(parsed, target)
                key = self._row_key(parsed, target)
                if key in seen:
                    raise Reject(
                        "customer",
                        self._("The same customer, renewal and use as in row %s.", seen[key] + 1),
                    )
            except Reject as reject:
                rejects.append((number, reject))
                continue
            seen[key] = number
            kept.append((number, parsed, target))
        customers = self._write_customers(kept, counts)
        lines = [(parsed, customers[id(target)]) for _number, parsed, target in kept]
        records = {
            kind: self._write_lines(kind, model, key, lines, counts) for kind, model, key in LINES
        }
        self._link_opportunities(lines, records)
        landed = [(number, customers[id(target)].id) for number, _parsed, target in kept]
        return landed, counts, rejects

    def _find_customers(self, rows):
        """Companies and persons that the rows may mean, ``{field: {value: [partner]}}``, in three queries."""
        partners = self.env["res.partner"]
        own = [("parent_id", "=", False), ("company_id", "in", [*self.env.companies.ids, False])]
        found = {}
        for field in IDENTITY:
            wanted = {p["customer"][field] for _n, p in rows if p["customer"].get(field)}
            matches = found[field] = {}
            for partner in partners.search([(field, "in", list(wanted)), *own]) if wanted else ():
                matches.setdefault(partner[field], []).append(partner)
        return found

    def _target(self, parsed, found, new):
        """The partner that a row means, or the values of the new one that it brings or adds to."""
        customer = parsed["customer"]
        by = next(field for field in IDENTITY if customer.get(field))
        column = {"ref": "reference", "vat": "vat", "name": "customer"}[by]
        matches = found[by].get(customer[by], [])
        if len(matches) > 1:
            raise Reject(column, self._("Several customers match “%s”.", customer[by]))
        if matches:
            if not matches[0].active:
                raise Reject(column, self._("“%s” is archived. Unarchive it first.", customer[by]))
            if blocked := self._blocked(matches[0], customer):
                raise Reject("stage", blocked)
            return matches[0]
        target = new.get((by, customer[by]))
        if target is None:
            if not customer.get("name"):
                raise Reject(
                    column,
                    self._("Unknown customer “%s”: add its name to bring it in.", customer[by]),
                )
            target = {"is_company": True, "company_id": parsed["company"].id}
        target.update(customer)
        for field in IDENTITY:
            if target.get(field):
                new.setdefault((field, target[field]), target)
        return target

    def _place(self, parsed, target):
        """Settle the company of what a row brings: its own, else its customer's, else the current one."""
        theirs = self.env["res.company"].browse(
            target["company_id"] if isinstance(target, dict) else target.company_id.id
        )
        company = parsed["company"] or theirs or self.env.company
        if theirs and company != theirs:
            raise Reject(
                "company",
                self._("This customer belongs to %s, not to this company.", theirs.name),
            )
        for kind in ("renewal", "opportunity"):
            if parsed[kind]:
                parsed[kind]["company_id"] = company.id
        if parsed["renewal"]:
            parsed["renewal"].setdefault("currency_id", company.currency_id.id)
        if "expected_revenue" in parsed["opportunity"]:
            parsed["opportunity"]["expected_revenue"] = self._revenue(parsed["renewal"], company)

    def _revenue(self, renewal, company):
        """Return the value of a term in the currency of the company, as opportunities have it; 0 without a rate."""
        if company not in self.factors:
            currencies = self.env["res.currency"].browse(c.id for c in self.currencies.values())
            self.factors[company] = currencies._success_factors(company)
        factor = self.factors[company].get((company.id, renewal["currency_id"]), 0.0)
        return company.currency_id.round(renewal["annual_value"] * factor)

    def _row_key(self, parsed, target):
        """What tells a row from another one that says the same."""
        return (
            id(target) if isinstance(target, dict) else target.id,
            *(
                tuple(parsed[kind].get(name) for name in key) if parsed[kind] else None
                for kind, _model, key in LINES
            ),
        )

    def _blocked(self, partner, vals):
        """Why a customer cannot move to the stage that its row says, if it cannot."""
        stage = self.env["customer.success.stage"].browse(vals.get("success_stage_id"))
        current = partner.success_stage_id
        if not stage or not current or stage == current:
            return None
        return partner._success_move_obstacle(stage)

    def _write_customers(self, kept, counts):
        """Create and update the customers; return them by the identity of what the rows meant."""
        new, known = {}, {}
        for _number, parsed, target in kept:
            if isinstance(target, dict):
                new[id(target)] = target
            else:
                known.setdefault(id(target), (target, {}))[1].update(parsed["customer"])
        for vals in new.values():
            if self.first_stage:
                vals.setdefault("success_stage_id", self.first_stage.id)
        customers = {}
        for keys in _slices(list(new), CREATE_BATCH):
            created = self.env["res.partner"].create([new[key] for key in keys])
            customers.update(zip(keys, created))
        counts["customers_created"] += len(new)
        for key, (partner, vals) in known.items():
            changes = self._changes(partner, vals)
            if not partner.success_stage_id and self.first_stage:
                changes.setdefault("success_stage_id", self.first_stage.id)
            if changes:
                partner.write(changes)
            counts[f"customers_{'updated' if changes else 'unchanged'}"] += 1
            customers[key] = partner
        return customers

    def _write_lines(self, kind, model, key, lines, counts):
        """Create or update the records of the rows, known by customer and ``key``.

        Several rows may bring the same record, and say it once. Opportunities are made and never
        changed: they stay as people have left them since.
        """
        records = self.env[model]
        wanted = {}
        for parsed, partner in lines:
            if parsed[kind]:
                vals = wanted.setdefault(self._key(partner, parsed[kind], key), {})
                vals.update(parsed[kind], partner_id=partner.id)
        partner_ids = list({vals["partner_id"] for vals in wanted.values()})
        existing = {}
        for record in records.search([("partner_id", "in", partner_ids)]) if wanted else ():
            existing.setdefault(self._key(record.partner_id, record, key), record)
        new = []
        for record_key, vals in wanted.items():
            record = existing.get(record_key)
            if not record:
                new.append(vals)
                continue
            changes = {} if kind == "opportunity" else self._changes(record, vals)
            if kind == "renewal" and record.is_generated:
                record.sudo().is_generated = False  # a file that names it says that it is so
            if "outcome" in changes:
                # Its figures go with it, also those that are what they were.
                changes |= {name: vals[name] for name in OUTCOME_FIGURES if name in vals}
            if changes:
                record.write(changes)
            counts[f"{PLURALS[kind]}_{'updated' if changes else 'unchanged'}"] += 1
        for slice_ in _slices(new, CREATE_BATCH):
            for vals, record in zip(slice_, records.create(slice_)):
                existing[self._key(record.partner_id, vals, key)] = record
        counts[f"{PLURALS[kind]}_created"] += len(new)
        return existing

    def _link_opportunities(self, lines, records):
        """Say which renewal an opportunity is about, where a row brings both and neither has another one."""
        keys = {kind: key for kind, _model, key in LINES}
        for parsed, partner in lines:
            if not (parsed["renewal"] and parsed["opportunity"]):
                continue
            renewal, lead = (
                records[kind][self._key(partner, parsed[kind], keys[kind])]
                for kind in ("renewal", "opportunity")
            )
            if renewal.outcome == "pending" and not renewal.lead_id and not lead.success_renewal_id:
                lead.success_renewal_id = renewal

    @staticmethod
    def _key(partner, values, names):
        def plain(value):
            return value.id if isinstance(value, models.BaseModel) else value

        return (partner.id, *(plain(values[name]) or False for name in names))

    @staticmethod
    def _changes(record, vals):
        """Those of the values that the record does not have yet."""
        changes = {}
        for name, value in vals.items():
            current = record[name]
            if isinstance(current, models.BaseModel):
                current = current.id
            if current != value and (current or value or current is False):
                changes[name] = value
        return changes


def _slices(items, size):
    return (items[start : start + size] for start in range(0, len(items), size))
