import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Objective extends models.Model {
    _name = "objective";

    cost = fields.Monetary({ currency_field: "currency_id" });
    currency_id = fields.Many2one({ relation: "res.currency", default: 1 });

    _records = [
        { id: 1, currency_id: 1 },
        { id: 2, cost: 0, currency_id: 1 },
        { id: 3, cost: 1200, currency_id: 1 },
    ];
}

defineModels([Objective]);
defineMailModels();

function mountObjective(resId) {
    // Odoo's monetary field knows no unknown amount, and neither does the mock of its server.
    onRpc("objective", "web_read", ({ args, parent }) =>
        parent().map((row) => (args[0][0] === 1 ? { ...row, cost: false } : row))
    );
    onRpc("objective", "web_save", ({ args }) => {
        expect.step(args[1]);
    });
    return mountView({
        type: "form",
        resModel: "objective",
        resId,
        arch: `<form><field name="currency_id" invisible="1"/><field name="cost" widget="known_monetary"/></form>`,
    });
}

test("an unknown amount is shown as nothing", async () => {
    await mountObjective(1);
    expect(".o_field_widget[name='cost'] input").toHaveValue("");
});

test("zero is an amount, not the unknown", async () => {
    await mountObjective(2);
    expect(".o_field_widget[name='cost'] input").toHaveValue("0.00");
});

test("an emptied input is saved as unknown", async () => {
    await mountObjective(3);
    await contains(".o_field_widget[name='cost'] input").edit("");
    await clickSave();
    expect.verifySteps([{ cost: false }]);
});
