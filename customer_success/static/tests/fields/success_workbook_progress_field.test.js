import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    MockServer,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Workbook extends models.Model {
    _name = "workbook";

    progress = fields.Integer();
    is_open = fields.Boolean();

    _records = [
        { id: 1, progress: 10, is_open: true },
        { id: 2, progress: 100, is_open: false },
    ];
}

defineModels([Workbook]);
defineMailModels();

async function mountWorkbook(resId) {
    await mountView({
        type: "form",
        resModel: "workbook",
        resId,
        arch: `<form><field name="is_open"/><field name="progress" widget="success_workbook_progress"/></form>`,
    });
    onRpc("workbook", "web_read", () => {
        expect.step("look");
    });
}

test("a workbook in the making is looked at again until it is ready", async () => {
    await mountWorkbook(1);
    await advanceTime(2000);
    await animationFrame();
    expect.verifySteps(["look"]);
    MockServer.env["workbook"].write([1], { is_open: false });
    await advanceTime(2000);
    await animationFrame();
    expect.verifySteps(["look"]);
    await advanceTime(6000);
    expect.verifySteps([]);
});

test("one that is ready is not looked at again", async () => {
    await mountWorkbook(2);
    await advanceTime(6000);
    expect.verifySteps([]);
});
