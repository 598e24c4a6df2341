import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import {
    clickSave,
    contains,
    defineModels,
    defineParams,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Term extends models.Model {
    _name = "customer.success.term";

    value = fields.Monetary({ currency_field: "currency_id" });
    share = fields.Float();
    seats = fields.Integer();
    currency_id = fields.Many2one({ relation: "res.currency", default: 1 });

    _records = [{ id: 1, value: 1, share: 1, seats: 1, currency_id: 1 }];
}

class Other extends models.Model {
    _name = "other";

    value = fields.Monetary({ currency_field: "currency_id" });
    currency_id = fields.Many2one({ relation: "res.currency", default: 1 });

    _records = [{ id: 1, value: 1, currency_id: 1 }];
}

defineModels([Term, Other]);
defineMailModels();

async function enter(name, text, resModel = "customer.success.term") {
    let saved;
    onRpc(resModel, "web_save", ({ args }) => {
        saved = args[1][name];
    });
    await mountView({
        type: "form",
        resModel,
        resId: 1,
        arch: `<form><field name="currency_id" invisible="1"/><field name="${name}"/></form>`,
    });
    await contains(`.o_field_widget[name='${name}'] input`).edit(text);
    return () => saved;
}

async function entered(...said) {
    const saved = await enter(...said);
    await clickSave();
    return saved();
}

test("an amount is read as at the other doors", async () => {
    expect(await entered("value", "12,5")).toBe(12.5);
});

test("marks between thousands and a currency are read", async () => {
    expect(await entered("value", "€ 48'500.50")).toBe(48500.5);
});

test("what may be two things is read in the user's language", async () => {
    expect(await entered("value", "12,500")).toBe(12500);
});

test("the same in a language with a comma", async () => {
    defineParams({ lang_parameters: { decimal_point: ",", thousands_sep: "." } });
    expect(await entered("value", "12.5")).toBe(12.5);
});

test("marks in wrong places are refused", async () => {
    await enter("share", "1,2,3");
    expect(".o_field_widget[name='share']").toHaveClass("o_field_invalid");
});

test("half a seat is refused and not ten times as many", async () => {
    await enter("seats", "12,5");
    expect(".o_field_widget[name='seats']").toHaveClass("o_field_invalid");
});

test("seats have no decimals, so 12.500 is one number", async () => {
    expect(await entered("seats", "12.500")).toBe(12500);
});

test("an operation on seats goes on", async () => {
    expect(await entered("seats", "=10*12")).toBe(120);
});

test("fields of others keep the parser of Odoo", async () => {
    expect(await entered("value", "12,5", "other")).toBe(125);
});
