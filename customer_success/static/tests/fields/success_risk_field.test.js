import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, hover, leave, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Renewal extends models.Model {
    _name = "renewal";

    band = fields.Selection({
        selection: [
            ["low", "Low"],
            ["medium", "Medium"],
            ["high", "High"],
        ],
    });
    risk = fields.Float();
    reasons = fields.Text();

    _records = [
        { id: 1, band: "high", risk: 61.7, reasons: "Use fell by half" },
        { id: 2, band: false, risk: false, reasons: "" },
    ];
}

defineModels([Renewal]);
defineMailModels();

const BADGE = ".o_field_widget[name='band'] .o_success_risk";

function mountRenewal(resId) {
    return mountView({
        type: "form",
        resModel: "renewal",
        resId,
        arch: `<form><field name="band" string="Risk" widget="success_risk" options="{'risk': 'risk', 'reasons': 'reasons'}"/></form>`,
    });
}

test("the badge says number and band", async () => {
    await mountRenewal(1);
    expect(BADGE).toHaveText("Risk 62 % high");
    expect(BADGE).toHaveClass("text-bg-danger");
});

test("the unknown is said as such, and is no colour of risk", async () => {
    await mountRenewal(2);
    expect(BADGE).toHaveText("Risk unknown");
    expect(BADGE).toHaveClass("text-bg-light");
});

test("reasons are asked for when somebody points at it, once", async () => {
    onRpc("renewal", "search_read", () => {
        expect.step("reasons");
    });
    onRpc("renewal", "web_search_read", () => {
        expect.step("reasons");
    });
    await mountRenewal(1);
    expect.verifySteps([]);
    await hover(BADGE);
    await animationFrame();
    expect(BADGE).toHaveAttribute("title", "Use fell by half");
    await leave();
    await hover(BADGE);
    await animationFrame();
    expect.verifySteps(["reasons"]);
});

test("an unknown risk has no reasons to ask for", async () => {
    onRpc("renewal", "search_read", () => {
        expect.step("reasons");
    });
    await mountRenewal(2);
    await hover(BADGE);
    await animationFrame();
    expect.verifySteps([]);
});
