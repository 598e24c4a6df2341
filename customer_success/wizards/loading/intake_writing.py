"""The writing of the customers, terms, opportunities and use of rows, with what taking the file back needs."""

from odoo import models
from odoo.tools import split_every

from ...ingestion.contract_use import ContractUse
from ...ingestion.landing import Stage
from ...ingestion.spellings import is_same
from ...ingestion.stamp import CREATE_BATCH
from .intake_amendments import FIGURES, AmendmentWriter
from .intake_contracts import find_contracts, keep_number
from .intake_creating import create_customers, create_terms
from .intake_customers import who
from .intake_links import find_links

# The records in a row besides its customer and its usage: column set, model, and the key of a record of a customer.
LINES = (
    (
        "renewal",
        "customer.success.renewal",
        ("product_id", "company_id", "date_renewal", "contract_number"),
    ),
    ("opportunity", "crm.lead", ("name",)),
)
USAGE_KEY = ("product_id", "source", "date", "period")
# The fields of a customer that a row is compared with.
OUTCOME_FIGURES = ("date_outcome", "renewed_value", "renewed_seats", "reason_id", "reason_note")
# What makes an opportunity of a file another one when somebody changes it.
OPPORTUNITY_KEPT = (
    "name",
    "active",
    "partner_id",
    "stage_id",
    "user_id",
    "team_id",
    "expected_revenue",
    "date_deadline",
    "description",
)
PLURALS = {"renewal": "renewals", "opportunity": "opportunities"}


class RowWriter(AmendmentWriter):
    """The part of :class:`CustomerLoader` that writes: in sets, and only what differs from what is there."""

    def _write_customers(self, kept, counts):
        """Create and update the customers; return them by the keys of the rows."""
        new, known = {}, {}
        for _number, parsed, target in kept:
            if isinstance(target, dict):
                new[who(target)] = target
            else:
                known.setdefault(who(target), (target, {}))[1].update(parsed["customer"])
        for vals in new.values():
            if self.reader.first_stage:
                vals.setdefault("success_stage_id", self.reader.first_stage.id)
        created = create_customers(self.env, self.change._keep_created, list(new.values()))
        customers = dict(zip(new, created))
        counts["customers_created"] += len(new)
        changing = []
        for key, (partner, vals) in known.items():
            changes = self._changes(partner, vals)
            for field in ("ref", "vat"):
                if (
                    field in changes
                    and partner[field]
                    and is_same(field, partner[field], changes[field])
                ):
                    del changes[field]
            if not partner.success_stage_id and self.reader.first_stage:
                changes.setdefault("success_stage_id", self.reader.first_stage.id)
            if changes:
                changing.append((partner, changes))
            counts[f"customers_{'updated' if changes else 'unchanged'}"] += 1
            customers[key] = partner
        self._write_changes(changing)
        return customers

    def _write_changes(self, changing, confirmed=()):
        """Write ``[(record, values)]`` of one model, and keep what was there before.

        ``confirmed`` are those of them that are generated terms no more.
        """
        if not changing:
            return
        records = changing[0][0].browse(record.id for record, _vals in changing)
        before = self.change._values(records, records._mass_edit_names())
        if confirmed:
            confirmed.sudo().is_generated = False
        for record, vals in changing:
            if vals:
                record.write(vals)
        self.change._keep(records, before, is_trimmed=True)

    def _write_lines(self, kind, model, key, lines, counts):
        """Create or update the records of the rows, identified by customer and ``key``.

        Several rows may contain the same record, which is written once. Opportunities are created and never
        updated, so that later changes by users stay.
        """
        records = self.env[model]
        wanted = {}
        for _number, parsed, partner in lines:
            if parsed[kind]:
                vals = wanted.setdefault(self._key(partner, parsed[kind], key), {})
                vals.update(parsed[kind], partner_id=partner.id)
        partner_ids = list({vals["partner_id"] for vals in wanted.values()} - self.created.keys())
        existing = {}
        for record in records.search([("partner_id", "in", partner_ids)]) if partner_ids else ():
            existing.setdefault(self._key(record.partner_id, record, key), record)
        planned = {}
        if kind == "renewal":
            find_contracts(self.env, wanted, existing)
            find_links(self.env, wanted, existing)
            planned = self._planned_amendments(lines, key)
        new, changing, confirmed = {}, [], records.browse()
        for record_key, vals in wanted.items():
            record = existing.get(record_key)
            if not record:
                new[record_key] = vals
                continue
            changes = {} if kind == "opportunity" else self._changes(record, vals)
            if kind == "renewal":
                changes = self._changes_of_term(record, vals, changes, record_key in planned)
                if record.is_generated:
                    confirmed |= record  # a term in a file counts as confirmed
            if changes or record in confirmed:
                changing.append((record, changes))
            counts[f"{PLURALS[kind]}_{'updated' if changes else 'unchanged'}"] += 1
        self._write_changes(changing, confirmed)
        ends = {
            record_key: self._held_back(vals)
            for record_key, vals in new.items()
            if record_key in planned
        }
        alike = [record_key for record_key in new if record_key not in planned]
        existing.update(zip(alike, self._create_lines(kind, records, [new[one] for one in alike])))
        for slice_ in split_every(CREATE_BATCH, [one for one in new if one in planned], list):
            created = records.create([new[one] for one in slice_])
            existing.update(zip(slice_, created))
            self.change._keep_created(
                records.browse(record.id for one, record in zip(slice_, created) if not ends[one])
            )
        counts[f"{PLURALS[kind]}_created"] += len(new)
        if planned:
            self._amend(
                {existing[one]: said for one, said in planned.items()},
                counts,
                {existing[one]: end for one, end in ends.items() if end},
            )
        return existing

    def _create_lines(self, kind, records, new):
        """Create terms or opportunities, and keep that they were created."""
        if kind == "renewal":
            return create_terms(self.env, self.change._keep_created, new, self.created)
        created = records.browse()
        for slice_ in split_every(CREATE_BATCH, new, list):
            part = records.create(slice_)
            self.change._keep_created(part, OPPORTUNITY_KEPT)
            created |= part
        return created

    def _amend(self, planned, counts, ends):
        """Write the amendments of terms, and then how those of them ended that are new."""
        ended = self.env["customer.success.renewal"].browse(term.id for term in ends)
        self._write_amendments(planned.items(), counts, ended)
        for term, end in ends.items():
            term.write(end)
        self.change._keep_created(ended)

    def _changes_of_term(self, renewal, vals, changes, is_amended):
        """Return the changes of a term with what belongs to them."""
        changes = self._without_start(renewal, changes, is_amended)
        if not is_amended and self._is_correction(renewal, changes):
            self.corrected[renewal.id] = renewal.display_name
        changes = keep_number(renewal, changes)
        if renewal.renewed_itself and vals.get("outcome") == "pending":
            changes.pop("outcome", None)  # the file was made before the contract renewed itself
        if "outcome" in changes:
            # Its figures are written together with the outcome, even if they are unchanged.
            changes |= {name: vals[name] for name in OUTCOME_FIGURES if name in vals}
        if "replaced_by_id" in changes:  # else the values of the two products decide
            changes |= {name: vals[name] for name in ("outcome", "renewed_value") if name in vals}
        if {"annual_value", "currency_id"} & changes.keys():
            changes["value_reason"] = self.env._("Loaded from a file.")
        return changes

    def _is_correction(self, term, changes):
        """Return True if figures of a running term change without a day: the term is corrected from its first day on."""
        today = self.reader.values.today
        runs = term.outcome == "pending" and (term.date_start or today) <= today
        return runs and "outcome" not in changes and not changes.keys().isdisjoint(FIGURES)

    def _link_opportunities(self, lines, records):
        """Link an opportunity to its renewal if a row contains both and neither is linked to another one."""
        keys = {kind: key for kind, _model, key in LINES}
        for _number, parsed, partner in lines:
            if not (parsed["renewal"] and parsed["opportunity"]):
                continue
            renewal, lead = (
                records[kind][self._key(partner, parsed[kind], keys[kind])]
                for kind in ("renewal", "opportunity")
            )
            if renewal.outcome == "pending" and not renewal.lead_id and not lead.success_renewal_id:
                before = self.change._values(lead, ["success_renewal_id"])
                lead.success_renewal_id = renewal
                self.change._keep(lead, before)

    def _write_usages(self, lines, counts):
        """Write the usage of the rows as a delivery does; usage that several rows repeat is written once."""
        wanted, by_contract = {}, ContractUse(self.env)
        for number, parsed, partner in lines:
            usage, contract = parsed["usage"], parsed["renewal"].get("contract_number")
            if usage and contract:
                said = [usage[name] for name in ("date", "period", "source", "figures")]
                by_contract.add(number, partner.id, usage["product_id"], *said, contract)
            elif usage:
                key = (partner.id, *(usage[name] for name in USAGE_KEY))
                wanted.setdefault(key, (number, {}))[1].update(usage["figures"])
        if not wanted and not by_contract.periods:
            return
        stage = Stage(self.env, self.delivery)
        stage.put(
            (number, partner_id, product_id, start, period, source, figures, None)
            for (partner_id, product_id, source, start, period), (number, figures) in wanted.items()
        )
        stage.put(by_contract.lines())
        for name, number in stage.land(by_contract.take_out).items():
            counts[f"usages_{name}"] += number
        by_contract.keep(self.delivery)

    @staticmethod
    def _key(partner, values, names):
        is_new = isinstance(values, dict)
        key = [partner.id]
        for name in names:
            value = values.get(name) if is_new else values[name]
            if value and name == "contract_number":
                value = value.lower()
            elif isinstance(value, models.BaseModel):
                value = value.id
            key.append(value or False)
        return tuple(key)

    @staticmethod
    def _changes(record, vals):
        """Return the values that differ from those of the record."""
        changes = {}
        for name, value in vals.items():
            current = record[name]
            if isinstance(current, models.BaseModel):
                current = current.id
            if current != value and (current or value or current is False):
                changes[name] = value
        return changes
