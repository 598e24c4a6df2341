import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, queryAllTexts, test } from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

const LEADS = { name: "Pipeline", model: "crm.lead", domain: [["id", "=", 4]] };
const CUSTOMERS = { name: "At risk", model: "res.partner", domain: [["id", "in", [1, 2]]] };

class Dashboard extends models.Model {
    _name = "dashboard";

    content = fields.Json();

    _records = [
        {
            id: 1,
            content: {
                tiles: [
                    { label: "At risk", value: "2", hint: "of 9", action: CUSTOMERS },
                    { label: "Upsells", value: "1", hint: "this year", action: LEADS },
                ],
                charts: [
                    {
                        title: "Risk",
                        kind: "bar",
                        stacked: true,
                        labels: ["Low", "High"],
                        series: [
                            {
                                label: "Customers",
                                tone: "risk",
                                data: [3, null],
                                actions: [LEADS, LEADS],
                            },
                        ],
                    },
                    {
                        title: "Use",
                        kind: "line",
                        unit: "%",
                        labels: ["May"],
                        series: [{ label: "Share", data: [0], actions: [LEADS] }],
                    },
                    {
                        title: "Revenue",
                        kind: "bar",
                        unit: "€",
                        labels: ["Q3"],
                        series: [{ label: "Limits", data: [[10, 25]], actions: [LEADS] }],
                    },
                ],
                moved: {
                    since: "May",
                    summary: "3 customers",
                    rows: [
                        { id: 7, name: "Acme", health: [62.4, 48], risk: [null, 31] },
                        { id: 8, name: "Other", health: [50, 50], risk: [null, null] },
                    ],
                },
            },
        },
        { id: 2, content: false },
    ];
}

defineModels([Dashboard]);
defineMailModels();

function mountDashboard(resId) {
    mockService("action", {
        doAction(action) {
            expect.step(action);
        },
    });
    return mountView({
        type: "form",
        resModel: "dashboard",
        resId,
        arch: `<form><field name="content" widget="success_dashboard" nolabel="1"/></form>`,
    });
}

test("a tile opens what it counts, customers in the views of this app", async () => {
    await mountDashboard(1);
    expect(".o_success_dashboard button .fs-3").toHaveCount(2);
    await contains(".o_success_dashboard button:first").click();
    await contains(".o_success_dashboard button:eq(1)").click();
    const windowed = (name, model, domain, context) => ({
        type: "ir.actions.act_window",
        name,
        res_model: model,
        domain,
        views: ["list", "kanban", "form"].map((kind) => [false, kind]),
        context: { search_default_pending: false, ...context },
    });
    const views = Object.fromEntries(
        ["list", "kanban", "form", "search"].map((kind) => [
            `${kind}_view_ref`,
            `customer_success.res_partner_view_success_${kind}`,
        ])
    );
    expect.verifySteps([
        windowed("At risk", "res.partner", CUSTOMERS.domain, views),
        windowed("Pipeline", "crm.lead", LEADS.domain, {}),
    ]);
});

test("who moved most is said with both values, the unknown in words", async () => {
    await mountDashboard(1);
    expect(queryAllTexts(".o_success_dashboard tbody tr:first td")).toEqual([
        "Acme",
        "62 → 48",
        "unknown → 31",
    ]);
    expect(queryAllTexts(".o_success_dashboard tbody tr:eq(1) td")).toEqual([
        "Other",
        "50",
        "unknown",
    ]);
    await contains(".o_success_dashboard tbody a:first").click();
    expect.verifySteps([
        {
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: 7,
            views: [[false, "form"]],
            context: { form_view_ref: "customer_success.res_partner_view_success_form" },
        },
    ]);
});

test("a chart is told in words, and one without a value says so", async () => {
    await mountDashboard(1);
    expect(".o_success_chart canvas").toHaveCount(2);
    expect(".o_success_chart canvas:eq(1)").toHaveAttribute(
        "aria-label",
        "Revenue. Q3: Limits 10 – 25 €"
    );
    expect(".o_success_chart canvas:first").toHaveAttribute(
        "aria-label",
        "Risk. Low: Customers 3 ; High: Customers unknown "
    );
    expect(".o_success_dashboard .col-12:contains('Use')").toHaveText(/Nothing to show yet/);
});

test("a dashboard without content is empty", async () => {
    await mountDashboard(2);
    expect(".o_success_dashboard").toHaveCount(1);
    expect(".o_success_dashboard button").toHaveCount(0);
    expect(".o_success_dashboard .text-muted:contains('No score changed')").toHaveCount(1);
});
