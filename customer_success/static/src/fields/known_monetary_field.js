import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { parseWritten } from "./written_number";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/**
 * An amount of money that may be unknown: an emptied input is saved as empty, not as 0.
 */
export class KnownMonetaryField extends MonetaryField {
    get inputOptions() {
        return {
            ...super.inputOptions,
            parse: (value) => (value.trim() === "" ? false : parseWritten(value)),
        };
    }
}

registry.category("fields").add("known_monetary", {
    ...monetaryField,
    component: KnownMonetaryField,
    displayName: _t("Monetary that may be unknown"),
});
