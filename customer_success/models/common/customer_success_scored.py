from odoo import api, models, tools
from odoo.tools import SQL

from .known_float import KnownFloat

EMPLOYEES = "base.group_user"


class CustomerSuccessScored(models.AbstractModel):
    """A model that shows scores through related fields, sorts unknown values last and reads them in one query.

    PostgreSQL puts NULL first in descending order, so "riskiest first" would begin with customers whose risk
    is unknown. A band is sorted by its number, not by its name.

    Odoo reads a related field record by record along its path. This model joins the requested fields and puts
    them into the cache at once, whatever the number of fields and records. Odoo also checks the groups of the
    user at each access to a field with groups; this model remembers the result for the group of employees.
    """

    _name = "customer.success.scored"
    _inherit = "customer.success.money"
    _description = "Model with Scores"

    # Other fields whose unknown values come last, and the field by which each band is sorted.
    _unknown_last = ()
    _sorted_by = {}

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        field_name = self._sorted_by.get(field_name, field_name)
        known = isinstance(self._fields.get(field_name), KnownFloat)
        if (known or field_name in self._unknown_last) and not nulls:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _determine_fields_to_fetch(self, field_names=None, ignore_when_in_cache=False):
        found = super()._determine_fields_to_fetch(field_names, ignore_when_in_cache)
        asked = (self._fields[name] for name in field_names or ())
        return found + [
            field
            for field in asked
            if self._is_joined(field)
            and (not ignore_when_in_cache or any(field._cache_missing_ids(self)))
        ]

    def _fetch_query(self, query, fields):
        joined = [field for field in fields if not field.store]
        fetched = super()._fetch_query(query, [field for field in fields if field.store])
        if joined and fetched and not self._leads_anywhere(joined, fetched):
            for field in joined:
                field._insert_cache(fetched, [None] * len(fetched))
        elif joined and fetched:
            query = fetched._as_query(ordered=False)
            columns = [self._field_to_sql(self._table, field.name, query) for field in joined]
            rows = self.env.execute_query(query.select(SQL.identifier(self._table, "id"), *columns))
            if rows:
                ids, *columns = zip(*rows, strict=True)
                for field, values in zip(joined, columns, strict=True):
                    field._insert_cache(self.browse(ids), values)
        return fetched

    def _leads_anywhere(self, fields, records):
        """Return whether a record has a link that the related fields follow; a mere contact has no score."""
        starts = {field.related.split(".")[0] for field in fields}
        links = {self._fields[name] for start in starts for name in self._links_behind(start)}
        caches = [link._get_cache(self.env) for link in links]
        return any(cache.get(id_, True) for cache in caches for id_ in records._ids)

    @api.model
    def _links_behind(self, name):
        """Return the names of the stored links that decide where a link leads."""
        return (name,)

    @api.model
    def _has_field_access(self, field, operation):
        if field.groups == EMPLOYEES and not self.env.su:
            return self._is_employee()
        return super()._has_field_access(field, operation)

    @api.model
    @tools.ormcache("self.env.uid")
    def _is_employee(self):
        return self.env.user.has_group(EMPLOYEES)

    @staticmethod
    def _is_joined(field):
        return (
            field.related
            and not field.store
            and field.column_type
            and field.related_field.store
            and not field.translate
            and not field.inherited
            and (field._module or "").startswith("customer_success")
        )
