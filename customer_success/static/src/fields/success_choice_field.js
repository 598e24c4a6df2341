import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/**
 * A text that is chosen from a list which the form brings in its field "choices", {key: [[value, label]]}. The option
 * "choices" names the key, or "choices_field" the field of the line that holds it.
 */
export class SuccessChoiceField extends SelectionField {
    static props = {
        ...SelectionField.props,
        choices: { type: String, optional: true },
        choicesField: { type: String, optional: true },
    };

    get options() {
        const { record, choices, choicesField } = this.props;
        const known = record.evalContext.parent?.choices || record.data.choices || {};
        return known[choices || record.data[choicesField]] || [];
    }

    get string() {
        const value = this.props.record.data[this.props.name];
        const option = this.options.find((known) => known[0] === value);
        return option ? option[1] : value || "";
    }

    onChange(value) {
        this.props.record.update({ [this.props.name]: value || false });
    }
}

registry.category("fields").add("success_choice", {
    ...selectionField,
    component: SuccessChoiceField,
    supportedOptions: [
        { label: "Choices", name: "choices", type: "string" },
        { label: "Field of the Choices", name: "choices_field", type: "string" },
    ],
    supportedTypes: ["char"],
    isEmpty: (record, fieldName) => !record.data[fieldName],
    extractProps: (info, dynamicInfo) => ({
        ...selectionField.extractProps(info, dynamicInfo),
        choices: info.options.choices,
        choicesField: info.options.choices_field,
    }),
});
