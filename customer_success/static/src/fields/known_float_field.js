import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { parseWritten } from "./written_number";
import { FloatField, floatField } from "@web/views/fields/float/float_field";

/**
 * A float that may be unknown: an emptied input is saved as empty, not as 0.
 */
export class KnownFloatField extends FloatField {
    parse(value) {
        return value.trim() === "" ? false : parseWritten(value);
    }
}

registry.category("fields").add("known_float", {
    ...floatField,
    component: KnownFloatField,
    displayName: _t("Float that may be unknown"),
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...floatField.extractProps(fieldInfo, dynamicInfo),
        trailingZeros: false,
    }),
});
