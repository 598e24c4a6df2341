import { registry } from "@web/core/registry";
import {
    ProgressBarField,
    progressBarField,
} from "@web/views/fields/progress_bar/progress_bar_field";
import { onMounted, onWillUnmount } from "@odoo/owl";

const SECONDS = 2;

/** The progress of a workbook, which is read again and again until the workbook is ready. */
export class SuccessWorkbookProgressField extends ProgressBarField {
    setup() {
        super.setup();
        onMounted(() => {
            this.timer = setInterval(() => this.look(), SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    look() {
        if (this.props.record.data.is_open) {
            this.props.record.load();
        }
    }
}

registry.category("fields").add("success_workbook_progress", {
    ...progressBarField,
    component: SuccessWorkbookProgressField,
});
