import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The colours of the tones of series, for light and for dark screens; the labels give the meaning as a text. */
const TONES = {
    good: ["#15803d", "#4ade80"],
    watch: ["#d97706", "#fbbf24"],
    poor: ["#b91c1c", "#f87171"],
    risk: ["#b91c1c", "#f87171"],
    fresh: ["#94a3b8", "#64748b"],
    unsure: ["#94a3b8", "#64748b"],
    unknown: ["#cbd5e1", "#475569"],
};

/** The views of customers: the lists and the form of this app instead of those of Contacts. */
const CUSTOMER_VIEWS = Object.fromEntries(
    ["list", "kanban", "form", "search"].map((kind) => [
        `${kind}_view_ref`,
        `customer_success.res_partner_view_success_${kind}`,
    ])
);
const ROW_PIXELS = 32;
const AXIS_PIXELS = 110;
const LINE_CHARACTERS = 14;

/** Return a label in lines that are short enough to leave room for the bars. */
function folded(label) {
    const lines = [];
    for (const word of label.split(" ")) {
        const last = lines.at(-1);
        if (last !== undefined && last.length + word.length < LINE_CHARACTERS) {
            lines[lines.length - 1] = `${last} ${word}`;
        } else {
            lines.push(word);
        }
    }
    return lines;
}

/** Return a value as a text; a pair is an interval. */
function said(value) {
    return Array.isArray(value) ? value.join(" – ") : value;
}

/** A chart of the dashboard; a click on a bar or a point opens the records that it counts. */
export class SuccessDashboardChart extends Component {
    static template = "customer_success.SuccessDashboardChart";
    static props = { chart: Object, open: Function };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.clear();
            },
            () => [JSON.stringify(this.props.chart)]
        );
        onWillUnmount(() => this.clear());
    }

    get isEmpty() {
        return !this.props.chart.series.some((series) => series.data.some((value) => value));
    }

    get isLying() {
        return this.props.chart.kind === "bar" && this.props.chart.stacked;
    }

    /** Return the height of the chart; on a phone each label takes two lines. */
    get height() {
        const rows = this.props.chart.labels.length * ROW_PIXELS + AXIS_PIXELS;
        return this.isLying && this.env.isSmall ? `height: max(300px, ${rows}px)` : "";
    }

    /** Return the chart as a text for screen readers. */
    get spoken() {
        const { labels, series, unit } = this.props.chart;
        return labels
            .map((label, index) =>
                [
                    label,
                    ...series.map(
                        (one) =>
                            `${one.label} ${said(one.data[index]) ?? _t("unknown")} ${unit || ""}`
                    ),
                ].join(": ")
            )
            .join("; ");
    }

    clear() {
        this.chart?.destroy();
        this.chart = null;
    }

    draw() {
        this.clear();
        if (this.canvas.el && !this.isEmpty) {
            this.chart = new Chart(this.canvas.el, this.config());
        }
    }

    config() {
        const { kind, stacked, unit, labels, series } = this.props.chart;
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#374151", "#d1d5db");
        const grid = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");
        const lying = this.isLying;
        const values = {
            beginAtZero: true,
            stacked,
            ticks: { color: text, precision: 0 },
            grid: { color: grid },
        };
        if (unit === "%") {
            values.suggestedMax = 100;
        }
        const names = {
            stacked,
            ticks: { color: text, autoSkip: false },
            grid: { display: false },
        };
        const narrow = lying && this.env.isSmall;
        return {
            type: kind,
            data: {
                labels: narrow ? labels.map(folded) : labels,
                datasets: series.map((one) => {
                    const color = TONES[one.tone]
                        ? getCustomColor(scheme, ...TONES[one.tone])
                        : getColor(0, scheme, "odoo");
                    return {
                        label: one.label,
                        data: one.data,
                        borderColor: color,
                        backgroundColor: color,
                        maxBarThickness: 36,
                        spanGaps: true,
                    };
                }),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                indexAxis: lying ? "y" : "x",
                scales: lying ? { x: values, y: names } : { x: names, y: values },
                plugins: {
                    legend: {
                        display: series.length > 1,
                        position: "bottom",
                        labels: { color: text },
                    },
                    tooltip: {
                        callbacks: {
                            title: ([item]) => labels[item.dataIndex],
                            label: (item) =>
                                `${item.dataset.label}: ${item.formattedValue}${unit === "%" ? " %" : unit ? " " + unit : ""}`,
                        },
                    },
                },
                onHover: (ev, found) => {
                    ev.native.target.style.cursor = found.length ? "pointer" : "default";
                },
                onClick: (_ev, found) => {
                    if (found.length) {
                        this.props.open(series[found[0].datasetIndex].actions[found[0].index]);
                    }
                },
            },
        };
    }
}

export class SuccessDashboard extends Component {
    static template = "customer_success.SuccessDashboard";
    static components = { SuccessDashboardChart };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.open = this.open.bind(this);
    }

    get content() {
        return (
            this.props.record.data[this.props.name] || {
                tiles: [],
                charts: [],
                moved: { rows: [] },
            }
        );
    }

    open({ name, model, domain }) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            domain,
            views: [
                [false, "list"],
                [false, "kanban"],
                [false, "form"],
            ],
            context: {
                search_default_pending: false,
                ...(model === "res.partner" ? CUSTOMER_VIEWS : {}),
            },
        });
    }

    openCustomer(id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: id,
            views: [[false, "form"]],
            context: { form_view_ref: CUSTOMER_VIEWS.form_view_ref },
        });
    }

    /** Return a change such as `62 → 48`; one value if it did not change, "unknown" if it is missing. */
    moved([before, now]) {
        const said = (value) => (value === null ? _t("unknown") : Math.round(value));
        return before === now ? said(now) : `${said(before)} → ${said(now)}`;
    }
}

registry.category("fields").add("success_dashboard", {
    component: SuccessDashboard,
    displayName: _t("Customer success dashboard"),
    supportedTypes: ["json"],
});
