import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import {
    MockServer,
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Stage extends models.Model {
    _name = "stage";

    name = fields.Char();

    _records = [
        { id: 1, name: "First Use" },
        { id: 2, name: "Effective Use" },
    ];
}

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();
    stage_id = fields.Many2one({ relation: "stage" });

    _records = [{ id: 1, name: "Acme", stage_id: 1 }];
}

defineModels([Stage, Customer]);
defineMailModels();

const STAGE = (number) => `.o_statusbar_status button[data-value='${number}']`;

function mountCustomer(resId) {
    return mountView({
        type: "form",
        resModel: "customer",
        resId,
        arch: `
            <form>
                <header>
                    <field name="stage_id" widget="success_stage" options="{'clickable': True}"/>
                </header>
                <field name="name"/>
            </form>`,
    });
}

test("a click asks the server, which moves the customer", async () => {
    onRpc("res.partner", "action_success_move", ({ args }) => {
        expect.step(args);
        MockServer.env["customer"].write([1], { stage_id: 2 });
        return false;
    });
    onRpc("customer", "web_read", () => {
        expect.step("read");
    });
    await mountCustomer(1);
    expect.verifySteps(["read"]);
    await contains(STAGE(2)).click();
    expect.verifySteps([[[1], 2], "read"]);
    expect(STAGE(2)).toHaveAttribute("aria-checked", "true");
});

test("a dialog of the server is opened, and the customer stays", async () => {
    onRpc("res.partner", "action_success_move", () => ({ type: "ir.actions.act_window" }));
    onRpc("customer", "web_save", () => {
        expect.step("save");
    });
    mockService("action", {
        doAction(action, { onClose }) {
            expect.step(action.type);
            expect(typeof onClose).toBe("function");
        },
    });
    await mountCustomer(1);
    await contains(STAGE(2)).click();
    expect.verifySteps(["ir.actions.act_window"]);
    expect(STAGE(1)).toHaveAttribute("aria-checked", "true");
});

test("what was typed is saved before the customer is moved", async () => {
    onRpc("res.partner", "action_success_move", () => {
        expect.step("move");
        return false;
    });
    onRpc("customer", "web_save", ({ args }) => {
        expect.step(args[1]);
    });
    await mountCustomer(1);
    await contains(".o_field_widget[name='name'] input").edit("Acme Ltd", { confirm: false });
    await contains(STAGE(2)).click();
    expect.verifySteps([{ name: "Acme Ltd" }, "move"]);
});

test("a new customer's stage is set in the form alone", async () => {
    onRpc("res.partner", "action_success_move", () => {
        expect.step("move");
    });
    await mountCustomer();
    await contains(STAGE(2)).click();
    expect(STAGE(2)).toHaveAttribute("aria-checked", "true");
    expect.verifySteps([]);
});
