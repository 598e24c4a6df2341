from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Take the notice in days of renewable products over into their notice period, which has a unit."""
    if not column_exists(cr, "product_template", "success_notice_days"):
        return
    cr.execute(
        """
        UPDATE product_template
           SET success_notice_period = success_notice_days, success_notice_unit = 'days'
         WHERE success_renews
           AND success_notice_days > 0
           AND COALESCE(success_notice_period, 0) = 0
        """
    )
