import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    MockServer,
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();
    barriers = fields.Integer();
    share = fields.Float();
    days = fields.Float();
    reasons = fields.Html();

    _records = [
        {
            id: 1,
            name: "Acme",
            barriers: 1200,
            share: 33.5,
            days: 4,
            reasons: "<b>Use fell</b>",
        },
        { id: 2, name: "Nobody", barriers: 0, share: 0, days: 0, reasons: false },
    ];
}

defineModels([Customer]);
defineMailModels();

function mountCustomer(resId) {
    return mountView({
        type: "form",
        resModel: "customer",
        resId,
        arch: `
            <form>
                <field name="name"/>
                <widget name="success_number" field="barriers"/>
                <widget name="success_number" field="share" unit="%"/>
                <widget name="success_number" field="days" placeholder="none"/>
                <widget name="success_later" field="reasons"/>
            </form>`,
    });
}

function number(field) {
    return `.o_widget_success_number span[name='${field}']`;
}

function watchReads() {
    onRpc("customer", "read", ({ args }) => {
        expect.step(args[1]);
    });
}

test("numbers are shown with their unit, the unknown by its placeholder", async () => {
    // Odoo's float knows no unknown value, and neither does the mock of its server.
    onRpc("customer", "read", ({ parent }) =>
        parent().map((row) => ("days" in row ? { ...row, days: false } : row))
    );
    await mountCustomer(1);
    await animationFrame();
    expect(number("barriers")).toHaveText("1,200");
    expect(number("share")).toHaveText(/^33\.5\s%$/);
    expect(number("days")).toHaveText("none");
    expect(number("days")).toHaveClass("text-muted");
});

test("zero is shown as a number", async () => {
    await mountCustomer(2);
    await animationFrame();
    expect(number("barriers")).toHaveText("0");
    expect(number("barriers")).not.toHaveClass("text-muted");
});

test("the form does not wait for them: a dash stands there until they are read", async () => {
    const answer = new Deferred();
    onRpc("customer", "read", () => answer);
    await mountCustomer(1);
    expect(".o_field_widget[name='name'] input").toHaveValue("Acme");
    expect(number("barriers")).toHaveText("–");
    expect("div[name='reasons']").toHaveCount(0);
    answer.resolve([{ id: 1, barriers: 7, share: 1, days: 2, reasons: "x" }]);
    await animationFrame();
    expect(number("barriers")).toHaveText("7");
});

test("all numbers are read together, a text for itself", async () => {
    watchReads();
    await mountCustomer(1);
    await animationFrame();
    expect.verifySteps([["reasons"], ["barriers", "share", "days"]], { ignoreOrder: true });
});

test("the markup of a text is shown, nothing where there is none", async () => {
    await mountCustomer(1);
    await animationFrame();
    expect("div[name='reasons'] b").toHaveText("Use fell");
    await mountCustomer(2);
    await animationFrame();
    expect("div[name='reasons']").toHaveCount(1, { message: "only that of the first customer" });
});

test("an edit reads nothing, a save reads anew", async () => {
    await mountCustomer(1);
    await animationFrame();
    watchReads();
    await contains(".o_field_widget[name='name'] input").edit("Acme Ltd");
    await animationFrame();
    expect.verifySteps([]);
    MockServer.env["customer"].write([1], { barriers: 3 });
    await clickSave();
    await animationFrame();
    expect(number("barriers")).toHaveText("3");
    expect.verifySteps([["reasons"], ["barriers", "share", "days"]], { ignoreOrder: true });
});

test("a new record reads nothing", async () => {
    watchReads();
    await mountCustomer();
    await animationFrame();
    expect.verifySteps([]);
    expect(number("barriers")).toHaveText("–");
});
