import { patch } from "@web/core/utils/patch";
import { useState } from "@odoo/owl";
import { FloatField } from "@web/views/fields/float/float_field";
import { useInputField } from "@web/views/fields/input_field_hook";
import { IntegerField } from "@web/views/fields/integer/integer_field";
import { MonetaryField } from "@web/views/fields/monetary/monetary_field";
import { useNumpadDecimal } from "@web/views/fields/numpad_decimal_hook";
import { parseWritten } from "./written_number";

/**
 * Say whether a field is of this addon. Those of others keep Odoo's parser, whose words their users know.
 *
 * @param {{ name: string, record: { resModel: string } }} props
 */
function isOurs({ name, record }) {
    return record.resModel.startsWith("customer.success.") || name.startsWith("success_");
}

patch(FloatField.prototype, {
    parse(value) {
        return isOurs(this.props) && this.props.inputType !== "number"
            ? parseWritten(value)
            : super.parse(value);
    },
});

patch(MonetaryField.prototype, {
    get inputOptions() {
        const options = super.inputOptions;
        return isOurs(this.props) ? { ...options, parse: parseWritten } : options;
    },
});

patch(IntegerField.prototype, {
    setup() {
        if (!isOurs(this.props) || this.props.inputType === "number") {
            super.setup();
            return;
        }
        // As Odoo's own, which cannot be told another parser.
        this.state = useState({ hasFocus: false });
        useInputField({
            getValue: () => this.formattedValue,
            refName: "numpadDecimal",
            parse: (value) => parseWritten(value, { whole: true }),
        });
        useNumpadDecimal();
    },
});
