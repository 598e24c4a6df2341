import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useLater } from "./success_later";

/**
 * The usage of a customer by product: licensed and active users over time, and the six degrees of use. Measured
 * values are drawn with solid lines, assessed values with dashed lines and hollow points.
 */
export class SuccessUsageChart extends Component {
    static template = "customer_success.SuccessUsageChart";
    static props = { ...standardWidgetProps, field: String };

    setup() {
        this.users = useRef("users");
        this.degrees = useRef("degrees");
        this.state = useState({ product: 0 });
        this.later = useLater();
        this.charts = [];
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.clear();
            },
            () => [JSON.stringify(this.data), this.state.product]
        );
        onWillUnmount(() => this.clear());
    }

    get data() {
        return this.later.value || { products: [], figures: [] };
    }

    get product() {
        return this.data.products[this.state.product] || this.data.products[0];
    }

    get hasMonths() {
        return Boolean(this.product?.months.length);
    }

    get hasDegrees() {
        const known = (values) => values?.some((value) => value !== null);
        return known(this.product?.measured) || known(this.product?.assessed);
    }

    /** Return the content of the charts as a text for screen readers. */
    get spoken() {
        const last = this.product?.months.at(-1);
        return last
            ? _t("%(active)s of %(licensed)s licensed users active, latest month", {
                  active: last[2] ?? _t("unknown"),
                  licensed: last[1] ?? _t("unknown"),
              })
            : "";
    }

    get spokenDegrees() {
        return this.data.degrees
            .map((label, index) => {
                const value = this.product?.measured?.[index] ?? this.product?.assessed?.[index];
                return `${label}: ${value ?? _t("unknown")}`;
            })
            .join(", ");
    }

    clear() {
        for (const chart of this.charts) {
            chart.destroy();
        }
        this.charts = [];
    }

    draw() {
        this.clear();
        if (this.hasMonths && this.users.el) {
            this.charts.push(new Chart(this.users.el, this.usersConfig()));
        }
        if (this.hasDegrees && this.degrees.el) {
            this.charts.push(new Chart(this.degrees.el, this.degreesConfig()));
        }
    }

    colors() {
        const scheme = cookie.get("color_scheme");
        return {
            active: getColor(0, scheme, "odoo"),
            assessed: getCustomColor(scheme, "#b45309", "#f0a95c"),
            quiet: getCustomColor(scheme, "#8a8f94", "#a9adb3"),
            text: getCustomColor(scheme, "#374151", "#d1d5db"),
            grid: getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)"),
        };
    }

    usersConfig() {
        const { months } = this.product;
        const colors = this.colors();
        const assessed = months.map((month) => month[3] === "assessed");
        const live = this.data.go_live?.slice(0, 7);
        const label = (month) => {
            const text = formatDate(deserializeDate(month[0]), { format: "LLL yyyy" });
            return month[0].slice(0, 7) === live ? [text, _t("go-live")] : text;
        };
        return {
            type: "line",
            data: {
                labels: months.map(label),
                datasets: [
                    {
                        label: _t("Licensed users"),
                        data: months.map((month) => month[1]),
                        borderColor: colors.quiet,
                        backgroundColor: colors.quiet,
                        borderDash: [2, 3],
                        pointRadius: 0,
                        stepped: "middle",
                    },
                    {
                        label: _t("Active users"),
                        data: months.map((month) => month[2]),
                        borderColor: colors.active,
                        backgroundColor: colors.active,
                        pointBackgroundColor: assessed.map((is) =>
                            is ? "transparent" : colors.active
                        ),
                        segment: {
                            borderDash: (line) => (assessed[line.p1DataIndex] ? [6, 4] : undefined),
                        },
                        spanGaps: false,
                        tension: 0.2,
                    },
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: {
                    y: {
                        beginAtZero: true,
                        ticks: { color: colors.text, precision: 0 },
                        grid: { color: colors.grid },
                    },
                    x: {
                        ticks: { color: colors.text, maxRotation: 0, autoSkipPadding: 12 },
                        grid: { display: false },
                    },
                },
                plugins: {
                    legend: { position: "bottom", labels: { color: colors.text } },
                    tooltip: {
                        callbacks: {
                            afterLabel: (item) =>
                                item.datasetIndex && assessed[item.dataIndex]
                                    ? _t("assessed, not measured")
                                    : "",
                        },
                    },
                },
            },
        };
    }

    degreesConfig() {
        const { measured, assessed, intended } = this.product;
        const colors = this.colors();
        const none = this.data.degrees.map(() => null);
        const sets = [
            {
                label: _t("Measured"),
                data: measured,
                borderColor: colors.active,
                backgroundColor: colors.active + "33",
            },
            {
                label: _t("Assessed"),
                data: assessed,
                borderColor: colors.assessed,
                backgroundColor: "transparent",
                borderDash: [6, 4],
                pointBackgroundColor: "transparent",
            },
            {
                label: _t("Intended"),
                data: intended,
                borderColor: colors.quiet,
                backgroundColor: "transparent",
                borderDash: [2, 3],
                pointStyle: "rectRot",
                pointBackgroundColor: "transparent",
            },
        ];
        return {
            type: "radar",
            data: {
                labels: this.data.degrees.map((label) => label.split(": ")),
                datasets: sets
                    .filter((set) => set.data)
                    .map((set) => ({ ...set, data: set.data || none, spanGaps: true })),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: {
                    r: {
                        min: 0,
                        max: 100,
                        ticks: { stepSize: 25, color: colors.text, backdropColor: "transparent" },
                        grid: { color: colors.grid },
                        angleLines: { color: colors.grid },
                        pointLabels: { color: colors.text },
                    },
                },
                plugins: { legend: { position: "bottom", labels: { color: colors.text } } },
            },
        };
    }
}

registry.category("view_widgets").add("success_usage_chart", {
    component: SuccessUsageChart,
    extractProps: ({ attrs }) => ({ field: attrs.field }),
});
