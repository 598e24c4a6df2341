import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

const DEGREES = ["Breadth", "Depth"];
const FIRST = {
    id: 1,
    name: "Orders",
    months: [
        ["2026-04-01", 100, null, "measured"],
        ["2026-05-01", 100, 40, "assessed"],
    ],
    measured: [40, null],
    assessed: [50, 60],
    intended: null,
};
const SECOND = { id: 2, name: "Stock", months: [], measured: [null, null], assessed: null };

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();
    usage = fields.Json();
    history = fields.Json();
    objectives = fields.Json();

    _records = [
        {
            id: 1,
            name: "Acme",
            usage: {
                figures: [["Licensed", "100", "users"]],
                degrees: DEGREES,
                products: [FIRST, SECOND],
            },
            history: [
                ["2026-04-01", null, 40],
                ["2026-05-01", 61, 30, "Segment: Large, now Standard"],
            ],
            objectives: {
                unit: "orders",
                lines: [
                    {
                        name: "Orders on the day",
                        kind: "figure",
                        points: [
                            ["2026-03-10", 20],
                            ["2026-05-20", 50],
                        ],
                    },
                    { name: "Target", kind: "target", points: [["2026-03-10", 80]] },
                    { name: "Use of Orders", kind: "use", points: [["2026-05-01", 70]] },
                ],
            },
        },
        {
            id: 2,
            name: "Nobody",
            usage: { figures: [], degrees: DEGREES, products: [] },
            history: [],
            objectives: false,
        },
    ];
}

defineModels([Customer]);
defineMailModels();

async function mountCustomer(resId) {
    await mountView({
        type: "form",
        resModel: "customer",
        resId,
        arch: `
            <form>
                <field name="name"/>
                <widget name="success_usage_chart" field="usage"/>
                <widget name="success_history_chart" field="history"/>
                <widget name="success_objective_chart" field="objectives"/>
            </form>`,
    });
    await animationFrame();
    await animationFrame();
}

test("the latest use is told in words, with each degree", async () => {
    await mountCustomer(1);
    expect(queryAllTexts(".o_success_usage_chart .fs-4")).toEqual(["100"]);
    expect(".o_success_usage_chart .col-lg-7 canvas").toHaveAttribute(
        "aria-label",
        "40 of 100 licensed users active, latest month"
    );
    expect(".o_success_usage_chart .col-lg-5 canvas").toHaveAttribute(
        "aria-label",
        "Breadth: 40, Depth: 60"
    );
});

test("another product may know nothing of its use, and says so", async () => {
    await mountCustomer(1);
    await contains(".o_success_usage_chart button:contains('Stock')").click();
    expect(".o_success_usage_chart canvas").toHaveCount(0);
    expect(".o_success_usage_chart .col-lg-7").toHaveText("The number of users is unknown.");
    expect(".o_success_usage_chart button.active").toHaveText("Stock");
});

test("a customer without use has no chart of it", async () => {
    await mountCustomer(2);
    expect(".o_success_usage_chart canvas").toHaveCount(0);
    expect(".o_success_usage_chart").toHaveText(/counts as unknown, not as zero/);
});

test("the history is told in words by its latest point", async () => {
    await mountCustomer(1);
    expect(".o_widget_success_history_chart canvas").toHaveAttribute(
        "aria-label",
        /health 61, .*30/
    );
});

test("a change of segment is marked and told in words", async () => {
    await mountCustomer(1);
    expect(".o_success_marks").toHaveText(
        /no change of the customer.*Segment: Large, now Standard/
    );
});

test("a history without such a change has no mark", async () => {
    await mountCustomer(2);
    expect(".o_success_marks").toHaveCount(0);
});

test("a customer without a score has no history", async () => {
    await mountCustomer(2);
    expect(".o_widget_success_history_chart canvas").toHaveCount(0);
    expect(".o_widget_success_history_chart").toHaveText(/No score yet/);
});

test("a figure and the use of its product are told in words, each in its unit", async () => {
    await mountCustomer(1);
    expect(".o_widget_success_objective_chart canvas").toHaveAttribute(
        "aria-label",
        "Orders on the day: 50 orders, Use of Orders: 70 %"
    );
});

test("without figures there is no chart of an objective, and it says what to enter", async () => {
    await mountCustomer(2);
    expect(".o_widget_success_objective_chart canvas").toHaveCount(0);
    expect(".o_widget_success_objective_chart").toHaveText(/Enter figures and name the product/);
});
