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

class Use extends models.Model {
    _name = "use";

    share = fields.Float();

    _records = [{ id: 1 }, { id: 2, share: 0 }, { id: 3, share: 33.5 }];
}

defineModels([Use]);
defineMailModels();

function mountUse(resId) {
    // Odoo's float knows no unknown value, and neither does the mock of its server.
    onRpc("use", "web_read", ({ args, parent }) =>
        parent().map((row) => (args[0][0] === 1 ? { ...row, share: false } : row))
    );
    onRpc("use", "web_save", ({ args }) => {
        expect.step(args[1]);
    });
    return mountView({
        type: "form",
        resModel: "use",
        resId,
        arch: `<form><field name="share" widget="known_float"/></form>`,
    });
}

test("an unknown value is shown as nothing", async () => {
    await mountUse(1);
    expect(".o_field_widget[name='share'] input").toHaveValue("");
});

test("zero is a value, not the unknown", async () => {
    await mountUse(2);
    expect(".o_field_widget[name='share'] input").toHaveValue("0");
});

test("zeros at the end are left out", async () => {
    await mountUse(3);
    expect(".o_field_widget[name='share'] input").toHaveValue("33.5");
});

test("an emptied input is saved as unknown", async () => {
    await mountUse(3);
    await contains(".o_field_widget[name='share'] input").edit("");
    await clickSave();
    expect.verifySteps([{ share: false }]);
});

test("spaces are saved as unknown", async () => {
    await mountUse(3);
    await contains(".o_field_widget[name='share'] input").edit("  ");
    await clickSave();
    expect.verifySteps([{ share: false }]);
});

test("a typed zero is saved as zero", async () => {
    await mountUse(3);
    await contains(".o_field_widget[name='share'] input").edit("0");
    await clickSave();
    expect.verifySteps([{ share: 0 }]);
});

test("what is no number is refused", async () => {
    await mountUse(3);
    await contains(".o_field_widget[name='share'] input").edit("many");
    expect(".o_field_widget[name='share']").toHaveClass("o_field_invalid");
    expect.verifySteps([]);
});

test("numbers are read as at all doors", async () => {
    await mountUse(3);
    for (const [written, share] of [
        ["12,5", 12.5],
        ["12.75", 12.75],
        ["12,500", 12500],
        ["13'500", 13500],
        ["12 500,25", 12500.25],
        ["1.234.567", 1234567],
        ["50 %", 50],
        ["-7", -7],
        ["1e3", 1000],
        ["=2*3", 6],
    ]) {
        await contains(".o_field_widget[name='share'] input").edit(written);
        await clickSave();
        expect.verifySteps([{ share }]);
    }
});

test("marks in wrong places are refused", async () => {
    await mountUse(3);
    for (const written of ["12,500,00", "1,2,3", "12.34.567"]) {
        await contains(".o_field_widget[name='share'] input").edit(written);
        expect(".o_field_widget[name='share']").toHaveClass("o_field_invalid");
    }
    expect.verifySteps([]);
});

test("where the decimal mark is a comma, a comma parts decimals", async () => {
    defineParams({ lang_parameters: { decimal_point: ",", thousands_sep: "." } });
    await mountUse(3);
    await contains(".o_field_widget[name='share'] input").edit("12.500");
    await clickSave();
    await contains(".o_field_widget[name='share'] input").edit("12,500");
    await clickSave();
    expect.verifySteps([{ share: 12500 }, { share: 12.5 }]);
});
