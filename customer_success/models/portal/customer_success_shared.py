from odoo import api, models


class CustomerSuccessShared(models.AbstractModel):
    """The kinds of records that the portal shows, and the buttons that share a record and stop sharing it."""

    _inherit = "customer.success.shared"

    @api.model
    def _portal_kinds(self):
        """Return ``{path: model}`` of all kinds that this database shows, in the order of their cards."""
        shared = (self.env[name] for name in self.pool.descendants([self._name], "_inherit"))
        kinds = [model for model in shared if model._portal_kind]
        kinds.sort(key=lambda model: (model._portal_kind.sequence, model._portal_kind.path))
        return {model._portal_kind.path: model for model in kinds}

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Add the sharing buttons before the state in a form's header, and a badge above its title."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and self._portal_kind:
            share = self.env.ref("customer_success.portal_share").sudo()._get_combined_arch()
            for place, name in (
                ("//header/field[@name='state']", "buttons"),
                ("//div[hasclass('oe_title')]", "badge"),
            ):
                for found in arch.xpath(place)[:1]:
                    for node in share.xpath(f"div[@name='{name}']/*"):
                        found.addprevious(node)
        return arch, view

    def action_share(self):
        """Open the dialog that asks with whom to share the record, and until when."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Share with %s", self.partner_id.display_name),
            "res_model": "customer.success.share",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_id": self.id,
                "default_share_until": self.share_until,
            },
        }

    def action_unshare(self):
        """Stop sharing: the record disappears from the portal, and the links sent so far no longer work."""
        shared = self.filtered("is_shared")
        shared.write({"is_shared": False})
        for record in shared.sudo():
            # A follower would still get each message by mail.
            customer = record.partner_id.commercial_partner_id
            people = record.message_partner_ids.filtered("partner_share")
            outside = people & people.search([("id", "child_of", customer.id)])
            record.message_unsubscribe(outside.ids)
