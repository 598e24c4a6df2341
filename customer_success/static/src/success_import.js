import { ImportAction } from "@base_import/import_action/import_action";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Odoo's import screen for files of customers. Its model keeps nothing, so what it leads to are the
 * customers of the rows that landed.
 */
export class SuccessImportAction extends ImportAction {
    static path = "success-import";

    async openRecords(resIds) {
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
