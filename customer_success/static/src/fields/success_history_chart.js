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

/** The health and the risk of a customer over the years: a score is valid until its next change. */
export class SuccessHistoryChart extends Component {
    static template = "customer_success.SuccessHistoryChart";
    static props = { ...standardWidgetProps, field: String };

    setup() {
        this.canvas = useRef("canvas");
        this.later = useLater();
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.clear();
            },
            () => [JSON.stringify(this.points)]
        );
        onWillUnmount(() => this.clear());
    }

    /** Return `[[date, health, risk, mark]]`, oldest first; null means unknown, and only some days have a mark. */
    get points() {
        return this.later.value || [];
    }

    get spoken() {
        const last = this.points.at(-1);
        return last
            ? _t("Latest: health %(health)s, churn risk %(risk)s", {
                  health: last[1] ?? _t("unknown"),
                  risk: last[2] ?? _t("unknown"),
              })
            : "";
    }

    /** Return the days on which the segment, the weights or the formula changed, as one text. */
    get marks() {
        return this.points
            .filter((point) => point[3])
            .map((point) => `${formatDate(deserializeDate(point[0]))}: ${point[3]}`)
            .join("; ");
    }

    clear() {
        this.chart?.destroy();
        this.chart = null;
    }

    draw() {
        this.clear();
        if (this.canvas.el && this.points.length) {
            this.chart = new Chart(this.canvas.el, this.config());
        }
    }

    series(label, place, color, dash) {
        return {
            label,
            data: this.points.map((point) => ({
                x: deserializeDate(point[0]).toMillis() / DAY,
                y: point[place],
            })),
            borderColor: color,
            backgroundColor: color,
            borderDash: dash,
            stepped: true,
            spanGaps: false,
            pointRadius: this.points.map((point) => {
                if (point[3]) {
                    return 6;
                }
                return this.points.length > 60 ? 0 : 2;
            }),
            pointStyle: this.points.map((point) => (point[3] ? "rectRot" : "circle")),
        };
    }

    config() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#374151", "#d1d5db");
        const grid = getCustomColor(scheme, "rgba(0,0,0,.1)", "rgba(255,255,255,.15)");
        // A history of a single day is shown as a point at the right end of the month before it.
        const last = deserializeDate(this.points.at(-1)[0]).toMillis() / DAY;
        const first = deserializeDate(this.points[0][0]).toMillis() / DAY;
        const day = (value, format) =>
            formatDate(luxon.DateTime.fromMillis(value * DAY), { format });
        return {
            type: "line",
            data: {
                datasets: [
                    this.series(
                        _t("Health (high is good)"),
                        1,
                        getCustomColor(scheme, "#15803d", "#4ade80")
                    ),
                    this.series(
                        _t("Churn risk % (high is bad)"),
                        2,
                        getCustomColor(scheme, "#b91c1c", "#f87171"),
                        [6, 4]
                    ),
                ],
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                scales: {
                    x: {
                        type: "linear",
                        min: Math.min(first, last - 30),
                        max: last,
                        ticks: {
                            color: text,
                            maxTicksLimit: 8,
                            maxRotation: 0,
                            callback: (value) =>
                                day(value, last - first > 120 ? "LLL yyyy" : "d LLL"),
                        },
                        grid: { display: false },
                    },
                    y: {
                        min: 0,
                        max: 100,
                        ticks: { color: text, stepSize: 25 },
                        grid: { color: grid },
                    },
                },
                plugins: {
                    legend: { position: "bottom", labels: { color: text } },
                    tooltip: {
                        callbacks: {
                            title: (items) => items.length && day(items[0].parsed.x),
                            footer: (items) =>
                                (items.length && this.points[items[0].dataIndex][3]) || "",
                        },
                    },
                },
            },
        };
    }
}

registry.category("view_widgets").add("success_history_chart", {
    component: SuccessHistoryChart,
    extractProps: ({ attrs }) => ({ field: attrs.field }),
});
