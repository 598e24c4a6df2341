import { onMounted, status } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ListRenderer } from "@web/views/list/list_renderer";

/**
 * The questions of a conversation. When a conversation is opened for logging, the cursor is in the first answer,
 * so that it can be logged with the keyboard alone.
 */
export class SuccessAgendaRenderer extends ListRenderer {
    setup() {
        super.setup();
        onMounted(() => this.startTyping());
    }

    async startTyping() {
        const [first] = this.props.list.records;
        const column = this.columns.find((one) => one.name === "answer");
        if (first && column && !this.props.readonly && !this.props.list.editedRecord) {
            await this.props.list.enterEditMode(first);
            // After the form is rendered, it puts the cursor into its own first field.
            browser.setTimeout(() => status(this) === "mounted" && this.focusCell(column));
        }
    }
}

export class SuccessAgendaField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: SuccessAgendaRenderer };
}

registry.category("fields").add("success_agenda", {
    ...x2ManyField,
    component: SuccessAgendaField,
    displayName: _t("Questions of a conversation"),
});
