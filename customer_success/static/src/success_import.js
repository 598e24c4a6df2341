import { ImportAction } from "@base_import/import_action/import_action";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Odoo's import screen for our files. Their models store nothing, so afterwards the screen opens the customers of
 * the accepted rows or, for a file of usage, the record of its delivery.
 */
export class SuccessImportAction extends ImportAction {
    static path = "success-import";

    async openRecords(resIds) {
        if (this.resModel === "customer.success.usage.intake") {
            return this.actionService.doAction({
                type: "ir.actions.act_window",
                res_model: "customer.success.usage.delivery",
                res_id: resIds.at(-1),
                views: [[false, "form"]],
            });
        }
        const action = await this.actionService.loadAction(
            "customer_success.res_partner_action_success_all"
        );
        return this.actionService.doAction({
            ...action,
            name: _t("Customers of the File"),
            domain: [["id", "in", resIds]],
        });
    }
}

registry.category("actions").add("success_import", SuccessImportAction);
