import { Component, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * A selection as buttons in a row for the keyboard: the first letter or the number of a choice selects it, the
 * arrow keys move to the next choice, Backspace clears it. It is made for lists in which Tab moves between cells.
 */
export class SuccessKeysField extends Component {
    static template = "customer_success.SuccessKeysField";
    static props = { ...standardFieldProps };

    setup() {
        this.root = useRef("root");
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    /** Return the choices as {value, label, key, tone}; the key is the first letter or number of the label. */
    get choices() {
        const tones = { strength: "success", concern: "warning", blocker: "danger" };
        const taken = new Set();
        return this.props.record.fields[this.props.name].selection.map(([value, label]) => {
            // In some languages two choices start with the same letter; use the first letter that is still free.
            const letters = [...label.toUpperCase()];
            const key = letters.find((letter) => letter.trim() && !taken.has(letter)) || letters[0];
            taken.add(key);
            return { value, label, key, tone: tones[value] || "secondary" };
        });
    }

    get label() {
        return this.choices.find((choice) => choice.value === this.value)?.label || "";
    }

    async choose(value) {
        await this.props.record.update({ [this.props.name]: value });
        this.root.el?.focus();
    }

    onClick(value) {
        return this.choose(value === this.value ? false : value);
    }

    onKeydown(ev) {
        if (ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const { choices } = this;
        const place = choices.findIndex((choice) => choice.value === this.value);
        const typed = choices.find((choice) => choice.key === ev.key.toUpperCase());
        let value;
        if (typed) {
            value = typed.value;
        } else if (ev.key === "ArrowRight") {
            value = choices[Math.min(place + 1, choices.length - 1)].value;
        } else if (ev.key === "ArrowLeft") {
            value = choices[Math.max(place - 1, 0)].value;
        } else if (ev.key === "Backspace" || ev.key === "Delete") {
            value = false;
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        return this.choose(value);
    }
}

registry.category("fields").add("success_keys", {
    component: SuccessKeysField,
    displayName: _t("Selection for the keyboard"),
    supportedTypes: ["selection"],
    isEmpty: () => false,
});
