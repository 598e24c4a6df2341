import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const CHARTS = 5;
const SCORECARDS = 5;

/** Return the model of the spreadsheet on screen: its cells are drawn, so the page has no text to find. */
function getModel() {
    const seek = (node) => {
        const model = node.component.loader?.getActiveDashboard?.()?.model;
        if (model) {
            return model;
        }
        for (const child of Object.values(node.children)) {
            const found = seek(child);
            if (found) {
                return found;
            }
        }
    };
    return seek(odoo.__WOWL_DEBUG__.root.__owl__);
}

/** Wait until no cell or chart is loading any more; throw if a cell has an error or a chart is empty. */
async function checkCells() {
    const { getters } = getModel();
    for (let tries = 0; tries < 100; tries++) {
        const errors = [];
        for (const sheetId of getters.getSheetIds()) {
            for (const cell of getters.getEvaluatedCells(sheetId)) {
                if (cell.type === "error") {
                    errors.push(`${cell.value} ${cell.message}`);
                }
            }
        }
        const loading = errors.filter((error) => error.startsWith("Loading..."));
        if (errors.length > loading.length) {
            throw new Error(`Cells with errors: ${errors.join("; ")}`);
        }
        const sources = getters.getOdooChartIds().map((id) => getters.getChartDataSource(id));
        if (!loading.length && sources.every((source) => source.isReady())) {
            for (const id of getters.getOdooChartIds()) {
                if (!getters.getChartDataSource(id).getData().labels.length) {
                    throw new Error(`Nothing in ${id}`);
                }
            }
            return;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("The dashboard is still loading.");
}

function checkCell(sheetName, xc, expected) {
    const { getters } = getModel();
    const [col, row] = [xc.charCodeAt(0) - 65, Number(xc.slice(1)) - 1];
    const sheetId = getters.getSheetIds().find((id) => getters.getSheetName(id) === sheetName);
    const { value } = getters.getEvaluatedCell({ sheetId, col, row });
    if (!expected(value)) {
        throw new Error(`${sheetName}!${xc} is ${value}`);
    }
}

const SHOWN = [
    {
        content: "The figures and charts are there",
        trigger: ".o-figure canvas",
        async run() {
            await checkCells();
            const shown = document.querySelectorAll(".o-figure canvas").length;
            if (shown < CHARTS + SCORECARDS) {
                throw new Error(`${shown} figures are drawn`);
            }
        },
    },
];

tours.add("customer_success_spreadsheet", {
    steps: () => [
        {
            content: "The dashboard is in the list of dashboards",
            trigger: ".o_search_panel li[data-name='Customer Success'].active",
        },
        {
            content: "Cells and charts are computed",
            trigger: ".o-figure canvas",
            async run() {
                await checkCells();
                checkCell("Data", "B2", (customers) => customers >= 2);
                checkCell("Data", "B6", (renewals) => renewals >= 1);
                checkCell("Data", "B8", (barriers) => barriers >= 1);
            },
        },
        {
            content: "The filter shows only the customers of one CSM",
            trigger: ".o-figure canvas",
            async run() {
                const model = getModel();
                const value = { operator: "in", ids: [1] };
                model.dispatch("SET_GLOBAL_FILTER_VALUE", { id: "csm", value });
                await new Promise((resolve) => setTimeout(resolve, 300));
                for (const row of ["B2", "B6", "B7"]) {
                    for (let tries = 0; tries < 50; tries++) {
                        try {
                            checkCell("Data", row, (number) => number === 0);
                            break;
                        } catch (error) {
                            if (tries === 49) {
                                throw error;
                            }
                            await new Promise((resolve) => setTimeout(resolve, 100));
                        }
                    }
                }
                model.dispatch("SET_GLOBAL_FILTER_VALUE", { id: "csm" });
                await new Promise((resolve) => setTimeout(resolve, 300));
                await checkCells();
            },
        },
        {
            content: "Click a bar of the renewals",
            trigger: ".o-figure canvas",
            run() {
                for (const canvas of document.querySelectorAll(".o-figure canvas")) {
                    const chart = window.Chart?.getChart(canvas);
                    const labels = chart?.data.datasets.map((dataset) => dataset.label) || [];
                    if (labels.includes("Churned")) {
                        const dataset = labels.indexOf("Churned");
                        const index = chart.data.datasets[dataset].data.findIndex(Boolean);
                        const { x, y, base } = chart.getDatasetMeta(dataset).data[index];
                        const { left, top } = canvas.getBoundingClientRect();
                        const place = { clientX: left + x, clientY: top + (y + base) / 2 };
                        for (const kind of ["mousemove", "click"]) {
                            canvas.dispatchEvent(
                                new MouseEvent(kind, { ...place, bubbles: true, cancelable: true })
                            );
                        }
                        return;
                    }
                }
                throw new Error("No chart of renewals");
            },
        },
        {
            content: "The renewal behind it",
            trigger: ".o_data_row:contains('Tour Lost')",
        },
        {
            content: "Back to the dashboard",
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "Click a figure",
            trigger: ".o-figure .o-scorecard",
            run: "click",
        },
        {
            content: "The customers behind it",
            trigger: ".o_data_row:contains('Tour Customer')",
        },
        {
            content: "Back to the dashboard once more",
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "Scroll to the tables",
            trigger: ".o-figure canvas",
            run() {
                const { getters } = getModel();
                const { start } = getters.getRowDimensions(getters.getActiveSheetId(), 47);
                getModel().dispatch("SET_VIEWPORT_OFFSET", { offsetX: 0, offsetY: start });
            },
        },
        {
            content: "Click the customer with most value at risk",
            trigger: ".o-dashboard-clickable-cell[title='Open record']",
            run: "click",
        },
        {
            content: "The customer",
            trigger: ".o_last_breadcrumb_item:contains('Tour Customer')",
        },
    ],
});

tours.add("customer_success_spreadsheet_phone", {
    steps: () => SHOWN,
});
