from psycopg2.extras import execute_values

from odoo import models

from ..ingestion.company_names import name_keys
from ..ingestion.spellings import vat_keys

# What Odoo groups by -> what we group by: the key of a partner that we have read, else what Odoo reads.
_KEY = "COALESCE((SELECT known.key FROM success_%(field)s_keys known WHERE known.id = res_partner.id), %(plain)s)"
_READERS = {
    "vat": ("replace(vat, ' ', '')", "vat", vat_keys),
    "name": ("lower(name)", "lower(name)", name_keys),
}
_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS success_%(field)s_keys (id int PRIMARY KEY, key text) ON COMMIT DROP;
TRUNCATE success_%(field)s_keys
"""
_INSERT = {
    "vat": "INSERT INTO success_vat_keys VALUES %s",
    "name": "INSERT INTO success_name_keys VALUES %s",
}
_VALUES = {
    "vat": """
       SELECT partner.id, partner.vat, country.code
         FROM res_partner partner
    LEFT JOIN res_country country ON country.id = partner.country_id
        WHERE partner.vat IS NOT NULL
    """,
    "name": """
       SELECT id, name
         FROM res_partner
        WHERE name IS NOT NULL
          AND (is_company OR success_stage_id IS NOT NULL)
     ORDER BY id
    """,
}


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """The proposals by VAT number and by name of a company, which are read as in files and in the API.

    They are proposals: what is merged without a look at it is only what Odoo itself takes for the same.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def action_start_automatic_process(self):
        odoo = self.with_context(success_reads_spellings=False)
        return super(BasePartnerMergeAutomaticWizard, odoo).action_start_automatic_process()

    def _generate_query(self, fields, maximum_group=100):
        query = super()._generate_query(fields, maximum_group)
        if not self.env.context.get("success_reads_spellings", True):
            return query
        for field, (odoo, plain, read) in _READERS.items():
            if field in fields and odoo in query:
                self._keep_keys(field, read)
                query = query.replace(odoo, _KEY % {"field": field, "plain": plain})
        return query

    def _keep_keys(self, field, read):
        """Keep the keys of the partners by a field in a table of this transaction."""
        partners = self.env["res.partner"]
        partners.flush_model(["country_id", "is_company", "name", "success_stage_id", "vat"])
        self.env.cr.execute(_VALUES[field])
        keys = read(self.env.cr.fetchall())
        self.env.cr.execute(_TABLE % {"field": field})
        execute_values(self.env.cr._obj, _INSERT[field], keys.items(), page_size=1000)
