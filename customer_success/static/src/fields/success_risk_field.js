import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = { low: "success", medium: "warning", high: "danger", critical: "danger" };

/**
 * The churn risk as a badge with the number and the band. The reasons are read when the user points at it, so that
 * a board with hundreds of cards does not wait for them.
 */
export class SuccessRiskField extends Component {
    static template = "customer_success.SuccessRiskField";
    static props = { ...standardFieldProps, risk: String, reasons: String, label: String };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ reasons: "" });
    }

    get band() {
        return this.props.record.data[this.props.name];
    }

    get color() {
        return COLORS[this.band];
    }

    get text() {
        const { record, name, risk, label } = this.props;
        if (!this.band) {
            return _t("Risk unknown");
        }
        const [, band] = record.fields[name].selection.find(([code]) => code === this.band);
        return _t("%(label)s %(risk)s % %(band)s", {
            label,
            risk: Math.round(record.data[risk]),
            band: band.toLowerCase(),
        });
    }

    async explain() {
        const { record, reasons } = this.props;
        if (this.asked || !this.band || !record.resId) {
            return;
        }
        this.asked = true;
        const [row] = await this.orm.silent.searchRead(
            record.resModel,
            [["id", "=", record.resId]],
            [reasons]
        );
        this.state.reasons = row?.[reasons] || "";
    }
}

registry.category("fields").add("success_risk", {
    component: SuccessRiskField,
    displayName: _t("Risk with its reasons"),
    supportedTypes: ["selection"],
    fieldDependencies: ({ options }) => [{ name: options.risk, type: "float" }],
    extractProps: ({ options, string }) => ({
        risk: options.risk,
        reasons: options.reasons,
        label: string,
    }),
});
