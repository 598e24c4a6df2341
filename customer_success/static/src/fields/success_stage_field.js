import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { StatusBarField, statusBarField } from "@web/views/fields/statusbar/statusbar_field";

/**
 * The status bar of adoption stages. A click asks the server to move the customer. If requirements are missing or a
 * reason is needed, a dialog opens and the form stays as it was.
 */
export class SuccessStageField extends StatusBarField {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.action = useService("action");
    }

    async selectItem(item) {
        const { record } = this.props;
        if (record.isNew) {
            return super.selectItem(item);
        }
        if (!(await record.save())) {
            return;
        }
        const action = await this.orm.call("res.partner", "action_success_move", [
            [record.resId],
            item.value,
        ]);
        if (action) {
            await this.action.doAction(action, { onClose: () => record.load() });
        } else {
            await record.load();
        }
    }
}

registry.category("fields").add("success_stage", {
    ...statusBarField,
    component: SuccessStageField,
    supportedTypes: ["many2one"],
});
