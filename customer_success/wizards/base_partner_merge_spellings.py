from psycopg2.extras import execute_values

from odoo import models

from ..ingestion.company_names import name_keys
from ..ingestion.spellings import vat_keys

# What Odoo groups by, and what we group by: the key of a partner that we have read, else what Odoo reads.
_ODOO = {"vat": "replace(vat, ' ', '')", "name": "lower(name)"}
_OURS = {
    "vat": "COALESCE((SELECT known.key FROM success_vat_keys known WHERE known.id = res_partner.id), vat)",
    "name": "COALESCE((SELECT known.key FROM success_name_keys known WHERE known.id = res_partner.id), lower(name))",
}
_READERS = {"vat": vat_keys, "name": name_keys}
_TABLES = {
    "vat": """
    CREATE TEMP TABLE IF NOT EXISTS success_vat_keys (id int PRIMARY KEY, key text) ON COMMIT DROP;
    TRUNCATE success_vat_keys
    """,
    "name": """
    CREATE TEMP TABLE IF NOT EXISTS success_name_keys (id int PRIMARY KEY, key text) ON COMMIT DROP;
    TRUNCATE success_name_keys
    """,
}
_KEEP = {
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
        for field, odoo in _ODOO.items():
            if field in fields and odoo in query:
                self._keep_keys(field)
                query = query.replace(odoo, _OURS[field])
        return query

    def _keep_keys(self, field):
        """Keep the keys of the partners by a field in a table of this transaction."""
        partners = self.env["res.partner"]
        partners.flush_model(["country_id", "is_company", "name", "success_stage_id", "vat"])
        self.env.cr.execute(_VALUES[field])
        keys = _READERS[field](self.env.cr.fetchall())
        self.env.cr.execute(_TABLES[field])
        execute_values(self.env.cr._obj, _KEEP[field], keys.items(), page_size=1000)
