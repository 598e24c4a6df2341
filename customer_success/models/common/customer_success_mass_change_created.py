from odoo import api, models
from odoo.tools import SQL

from .customer_success_mass_change import plain

# What the system records about a record by itself is no work of anybody; opportunities are, whoever opened them.
WORK_OF_ALL = {"crm.lead"}
SYSTEM = 1


class CustomerSuccessMassChangeLine(models.Model):
    """The records that a mass change created: they are deleted, if nobody changed them or recorded anything on them since."""

    _inherit = "customer.success.mass.change.line"

    @api.model
    def _put_created(self, change, records, names=None):
        """Keep that ``records`` were created, with those values that they have.

        ``names`` are the fields that must stay as they are; without them, all that people write.
        """
        found = {record.id: {} for record in records}
        for name in names or self._names_of(records):
            field = records._fields[name]
            # Most fields of a new record are empty, and in the cache; the others are read.
            cached = field._get_cache(records.env)
            for record in records:
                if cached.get(record.id, True) and (value := plain(record, field)):
                    found[record.id][name] = value
        self._put(change, records._name, [(id_, None, values) for id_, values in found.items()])

    @api.model
    def _names_of(self, records):
        """Return the names of the fields that people write on records like these."""
        machine = records._names_of_jobs()
        return [
            name
            for name in records._mass_edit_names()
            if not records._fields[name].readonly and name not in machine
        ]

    @api.model
    def _created_names(self, known):
        return self._names_of(known) if hasattr(known, "_mass_edit_names") else ()

    def _why_left(self, known):
        found = super()._why_left(known)
        created = self.filtered(lambda line: not line.before and line not in found)
        later = self._recorded_since(known.browse(created.mapped("res_id")))
        for line in created:
            if labels := later.get(line.res_id):
                found[line] = self.env._("Recorded since: %s.", ", ".join(sorted(labels)))
        return found

    def _give_back(self, model, old):
        if old:
            super()._give_back(model, old)
            return
        self._delete(model.browse(self.mapped("res_id")))
        self.state = "undone"

    def _delete(self, records):
        """Delete records that the change created; wings extend it."""
        records.unlink()

    @api.model
    def _recorded_since(self, records):
        """Return ``{id: labels}`` of what people have recorded about these records after they were created."""
        found = {}
        if not records:
            return found
        ids, table = list(records.ids), SQL.identifier(records._table)
        for query, label in self._record_queries(records._name, table, ids):
            for (id_,) in self.env.execute_query(query):
                found.setdefault(id_, set()).add(label)
        return found

    def _record_queries(self, name, table, ids):
        """Yield ``(query, label)``: each returns those of ``ids`` that have records of one model from a later transaction."""
        for model in self.env.registry.values():
            if model._abstract or model._transient or not model._auto or not model._log_access:
                continue
            for field in model._fields.values():
                if not (field.type == "many2one" and field.store and field.comodel_name == name):
                    continue
                yield (
                    SQL(
                        "SELECT DISTINCT it.%(field)s FROM %(model)s it JOIN %(table)s ON %(table)s.id = it.%(field)s"
                        " WHERE it.%(field)s = ANY(%(ids)s) AND it.create_uid > %(system)s"
                        " AND it.create_date > %(table)s.create_date",
                        field=SQL.identifier(field.name),
                        model=SQL.identifier(model._table),
                        table=table,
                        ids=ids,
                        system=0 if model._name in WORK_OF_ALL else SYSTEM,
                    ),
                    self.env[model._name]._description,
                )
        for model, kinds in (
            ("ir.attachment", None),
            ("mail.activity", None),
            ("mail.message", ["comment", "email", "email_outgoing"]),
        ):
            column = "model" if model == "mail.message" else "res_model"
            yield (
                SQL(
                    "SELECT DISTINCT it.res_id FROM %(model)s it JOIN %(table)s ON %(table)s.id = it.res_id"
                    " WHERE it.%(column)s = %(name)s AND it.res_id = ANY(%(ids)s) AND it.create_uid > %(system)s"
                    " AND it.create_date > %(table)s.create_date%(kinds)s",
                    model=SQL.identifier(self.env[model]._table),
                    table=table,
                    column=SQL.identifier(column),
                    name=name,
                    ids=ids,
                    system=SYSTEM,
                    kinds=SQL(" AND it.message_type = ANY(%s)", kinds) if kinds else SQL(""),
                ),
                self.env[model]._description,
            )
