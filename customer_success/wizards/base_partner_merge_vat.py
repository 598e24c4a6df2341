from psycopg2.extras import execute_values

from odoo import models

from ..ingestion.spellings import vat_keys

_ODOO = "replace(vat, ' ', '')"
_OURS = (
    "COALESCE((SELECT known.key FROM success_vat_keys known WHERE known.id = res_partner.id), vat)"
)
_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS success_vat_keys (id int PRIMARY KEY, key text) ON COMMIT DROP;
TRUNCATE success_vat_keys
"""
_NUMBERS = """
   SELECT partner.id, partner.vat, country.code
     FROM res_partner partner
LEFT JOIN res_country country ON country.id = partner.country_id
    WHERE partner.vat IS NOT NULL
"""


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """The proposals by VAT number, which is read as in files and in the API."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _generate_query(self, fields, maximum_group=100):
        query = super()._generate_query(fields, maximum_group)
        if "vat" not in fields or _ODOO not in query:
            return query
        self.env["res.partner"].flush_model(["vat", "country_id"])
        self.env.cr.execute(_NUMBERS)
        keys = vat_keys(self.env.cr.fetchall())
        self.env.cr.execute(_TABLE)
        execute_values(
            self.env.cr._obj, "INSERT INTO success_vat_keys VALUES %s", keys.items(), page_size=1000
        )
        return query.replace(_ODOO, _OURS)
