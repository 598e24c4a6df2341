import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useLater } from "./success_later";

const DAY = 24 * 60 * 60 * 1000;
const COLORS = [
    ["#1d4ed8", "#93c5fd"],
    ["#b45309", "#fcd34d"],
    ["#7e22ce", "#d8b4fe"],
    ["#be185d", "#f9a8d4"],
    ["#0f766e", "#5eead4"],
    ["#374151", "#d1d5db"],
];
const USE_COLORS = [
    ["#15803d", "#4ade80"],
    ["#4d7c0f", "#bef264"],
    ["#047857", "#6ee7b7"],
];

/**
 * The figures of objectives over time, and the use of the products that are to bring them, in one chart.
 *
 * One objective has an axis in its own unit beside the one of use in %. Several objectives share the axis in %: their
 * lines are the progress to their targets.
 */
export class SuccessObjectiveChart extends Component {
    static template = "customer_success.SuccessObjectiveChart";
    static props = {
        ...standardWidgetProps,
        field: String,
        quiet: { type: Boolean, optional: true },
    };

    setup() {
        this.canvas = useRef("canvas");
        this.later = useLater();
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.clear();
            },
            () => [JSON.stringify(this.later.value || null)]
        );
        onWillUnmount(() => this.clear());
    }

    get lines() {
        return (this.later.value && this.later.value.lines) || [];
    }

    get unit() {
        return this.later.value && this.later.value.unit;
    }

    /** Return the unit of the figures: that of one objective, or % for the progress of several. */
    get ownAxis() {
        return this.unit !== false;
    }

    get spoken() {
        return this.lines
            .filter((line) => line.kind !== "target" && line.points.length)
            .map((line) => {
                const unit = line.kind === "use" || !this.ownAxis ? "%" : this.unit;
                return `${line.name}: ${line.points.at(-1)[1]} ${unit}`.trim();
            })
            .join(", ");
    }

    clear() {
        this.chart?.destroy();
        this.chart = null;
    }

    draw() {
        this.clear();
        if (this.canvas.el && this.lines.length) {
            this.chart = new Chart(this.canvas.el, this.config());
        }
    }

    datasets(scheme) {
        let figures = 0;
        let uses = 0;
        return this.lines.map((line) => {
            const isUse = line.kind === "use";
            const palette = isUse ? USE_COLORS : COLORS;
            const place = isUse ? uses++ : line.kind === "target" ? 0 : figures++;
            const color = getCustomColor(scheme, ...palette[place % palette.length]);
            return {
                label: isUse ? _t("%s, adoption rate %", line.name) : line.name,
                data: line.points.map(([day, value]) => ({
                    x: deserializeDate(day).toMillis() / DAY,
                    y: value,
                })),
                borderColor: color,
                backgroundColor: color,
                borderDash: { use: [6, 4], target: [2, 3] }[line.kind],
                borderWidth: line.kind === "target" ? 1 : 2,
                pointRadius: line.kind === "target" ? 0 : 3,
                pointStyle: isUse ? "rect" : "circle",
                yAxisID: this.ownAxis && isUse ? "use" : "y",
            };
        });
    }

    config() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#374151", "#d1d5db");
        const grid = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");
        const day = (value, format) =>
            formatDate(luxon.DateTime.fromMillis(value * DAY), { format });
        const axis = (title, more) => ({
            title: { display: Boolean(title), text: title, color: text },
            ticks: { color: text },
            grid: { color: grid },
            ...more,
        });
        const days = this.lines.flatMap((line) =>
            line.points.map(([date]) => deserializeDate(date).toMillis() / DAY)
        );
        const span = Math.max(...days) - Math.min(...days);
        const scales = {
            x: {
                type: "linear",
                ticks: {
                    color: text,
                    maxTicksLimit: 8,
                    maxRotation: 0,
                    callback: (value) => day(value, span > 240 ? "LLL yyyy" : "d LLL"),
                },
                grid: { display: false },
            },
            y: axis(
                this.ownAxis ? this.unit : "%",
                this.ownAxis ? {} : { suggestedMin: 0, suggestedMax: 100 }
            ),
        };
        if (this.ownAxis && this.lines.some((line) => line.kind === "use")) {
            scales.use = axis(_t("Adoption rate %"), {
                position: "right",
                min: 0,
                max: 100,
                grid: { display: false },
            });
        }
        return {
            type: "line",
            data: { datasets: this.datasets(scheme) },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "nearest", axis: "x", intersect: false },
                scales,
                plugins: {
                    legend: {
                        position: "bottom",
                        labels: { color: text, boxWidth: 24, boxHeight: 2 },
                    },
                    tooltip: {
                        callbacks: {
                            title: (items) => items.length && day(items[0].parsed.x, "d LLL yyyy"),
                        },
                    },
                },
            },
        };
    }
}

registry.category("view_widgets").add("success_objective_chart", {
    component: SuccessObjectiveChart,
    extractProps: ({ attrs }) => ({
        field: attrs.field,
        ...("quiet" in attrs ? { quiet: true } : {}),
    }),
});
