import { Component, markup, status, useComponent, useEffect, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * The value of a field that is read when it is shown, not with its record: what takes long to compute does not
 * keep a form from opening. It is read again when the record is.
 */
export function useLater() {
    const component = useComponent();
    const orm = useService("orm");
    const state = useState({ value: false });
    let seen;
    const load = async () => {
        const { record, field } = component.props;
        if (record._values === seen) {
            return; // only edited: nothing new on the server
        }
        const asked = (seen = record._values);
        const [row] = record.resId
            ? await orm.silent.read(record.resModel, [record.resId], [field], {
                  context: record.context,
              })
            : [];
        if (status(component) !== "destroyed" && asked === seen) {
            state.value = row ? row[field] : false;
        }
    };
    // A form that is loaded anew may bring another record, or the same one with other values.
    useEffect(
        () => {
            load();
        },
        () => [component.props.record, component.props.record._values]
    );
    useBus(component.props.record.model.bus, "update", load);
    return state;
}

/** Text with markup that the server makes. */
export class SuccessLater extends Component {
    static template = "customer_success.SuccessLater";
    static props = { ...standardWidgetProps, field: String };

    setup() {
        this.later = useLater();
    }

    get text() {
        return markup(this.later.value || "");
    }
}

registry.category("view_widgets").add("success_later", {
    component: SuccessLater,
    extractProps: ({ attrs }) => ({ field: attrs.field }),
});
