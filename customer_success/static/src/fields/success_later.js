import { Component, markup, status, toRaw, useComponent, useEffect, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

function read(orm, record, fields) {
    return orm.silent.read(record.resModel, [record.resId], fields, { context: record.context });
}

// The fields to read of a record: small fields that are shown at the same time are read together.
const asking = new WeakMap();

function readTogether(orm, record, field) {
    const key = toRaw(record);
    if (!asking.has(key)) {
        const fields = new Set();
        const answer = Promise.resolve().then(() => {
            asking.delete(key);
            return read(orm, record, [...fields]);
        });
        asking.set(key, { fields, answer });
    }
    const { fields, answer } = asking.get(key);
    fields.add(field);
    return answer;
}

/**
 * The value of a field that is read when it is shown, not with its record, so that a slow computation does not
 * delay the form. It is read again whenever the record is. It is undefined until it was read.
 */
export function useLater({ together } = {}) {
    const component = useComponent();
    const orm = useService("orm");
    const state = useState({ value: undefined });
    let seen;
    const load = async () => {
        const { record, field } = component.props;
        if (toRaw(record.data) === seen) {
            return; // the record was only edited, so nothing is new on the server
        }
        const asked = (seen = toRaw(record.data));
        if (!record.resId) {
            state.value = undefined;
            return;
        }
        const [row] = await (together
            ? readTogether(orm, record, field)
            : read(orm, record, [field]));
        if (status(component) !== "destroyed" && asked === seen) {
            state.value = row?.[field];
        }
    };
    // A form that is reloaded has another record, or the same record with a new object of values. An edit changes
    // the existing object.
    useEffect(
        () => {
            load();
        },
        () => [component.props.record, toRaw(component.props.record.data)]
    );
    useBus(component.props.record.model.bus, "update", load);
    return state;
}

/** A text with markup from the server. */
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

/** A number: a dash until it was read, the placeholder if it is unknown. */
export class SuccessNumber extends Component {
    static template = "customer_success.SuccessNumber";
    static props = {
        ...standardWidgetProps,
        field: String,
        unit: { type: String, optional: true },
        placeholder: { type: String, optional: true },
    };

    setup() {
        this.later = useLater({ together: true });
    }

    get text() {
        const { value } = this.later;
        if (value === undefined) {
            return "–";
        }
        if (value === false) {
            return this.props.placeholder || "–";
        }
        const number = Number.isInteger(value)
            ? formatInteger(value)
            : formatFloat(value, { digits: [16, 1], trailingZeros: false });
        return this.props.unit ? `${number}\u00a0${this.props.unit}` : number;
    }
}

registry.category("view_widgets").add("success_later", {
    component: SuccessLater,
    extractProps: ({ attrs }) => ({ field: attrs.field }),
});
registry.category("view_widgets").add("success_number", {
    component: SuccessNumber,
    additionalClasses: ["d-inline-block"],
    extractProps: ({ attrs }) => ({
        field: attrs.field,
        unit: attrs.unit,
        placeholder: attrs.placeholder,
    }),
});
