import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    MockServer,
    clickSave,
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");

class Objective extends models.Model {
    _name = "objective";

    name = fields.Char();

    _records = [
        { id: 1, name: "Orders on the day" },
        { id: 2, name: "No paper" },
    ];
}

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();
    city = fields.Char();
    note = fields.Char();
    objective_ids = fields.One2many({ relation: "objective" });

    _records = [
        { id: 1, name: "Acme", city: "Ghent", note: "Calls on Mondays", objective_ids: [1, 2] },
        { id: 2, name: "Other", city: "Lille", note: "", objective_ids: [] },
    ];
    _views = {
        form: `
            <form>
                <field name="name"/>
                <field name="city"/>
                <notebook>
                    <page name="head" string="Head"/>
                    <page name="objectives" string="Objectives">
                        <widget name="success_page" view="5"/>
                    </page>
                    <page name="notes" string="Notes">
                        <widget name="success_page" view="6"/>
                    </page>
                </notebook>
            </form>`,
        "form,5": `
            <form>
                <field name="objective_ids">
                    <list editable="bottom"><field name="name"/></list>
                </field>
            </form>`,
        "form,6": `<form><field name="note"/></form>`,
    };
}

defineModels([Objective, Customer]);
defineMailModels();

const NAME = ".o_field_widget[name='name'] input";
const CITY = ".o_field_widget[name='city'] input";
const NOTE = ".o_field_widget[name='note'] input";
const LINES = ".o_field_widget[name='objective_ids'] .o_data_row";

function mountCustomer(resId) {
    return mountView({ type: "form", resModel: "customer", resId });
}

async function openPage(name) {
    await contains(`.o_notebook_headers a[name='${name}']`).click();
    await animationFrame();
}

test("the form opens without the fields of its pages", async () => {
    onRpc("customer", "web_read", ({ kwargs }) => {
        expect.step(Object.keys(kwargs.specification).sort());
    });
    await mountCustomer(1);
    expect.verifySteps([["city", "display_name", "name"]]);
});

test("a page is read when it is opened, once", async () => {
    await mountCustomer(1);
    onRpc("customer", "web_read", ({ kwargs }) => {
        expect.step(Object.keys(kwargs.specification).sort());
    });
    await openPage("objectives");
    expect(queryAllTexts(LINES)).toEqual(["Orders on the day", "No paper"]);
    await openPage("head");
    await openPage("objectives");
    expect(LINES).toHaveCount(2);
    // The first page reads what a late answer would bring, too; the next one only its own fields.
    expect.verifySteps([["city", "display_name", "name", "objective_ids"]]);
    await openPage("notes");
    expect.verifySteps([["note"]]);
});

test("its fields are saved with the form, in one go", async () => {
    onRpc("customer", "web_save", ({ args }) => {
        expect.step(args[1]);
    });
    await mountCustomer(1);
    await openPage("notes");
    await contains(NOTE).edit("Calls on Fridays");
    await contains(NAME).edit("Acme Ltd");
    await clickSave();
    expect.verifySteps([{ note: "Calls on Fridays", name: "Acme Ltd" }]);
    expect(NOTE).toHaveValue("Calls on Fridays");
});

test("its fields are discarded with the form", async () => {
    await mountCustomer(1);
    await openPage("notes");
    await contains(NOTE).edit("Calls on Fridays");
    await contains(".o_form_button_cancel").click();
    expect(NOTE).toHaveValue("Calls on Mondays");
});

test("what was edited on one page is kept when another is opened", async () => {
    await mountCustomer(1);
    await openPage("objectives");
    await contains(`${LINES}:first .o_data_cell`).click();
    await contains(`${LINES}:first input`).edit("Orders within the hour");
    await openPage("notes");
    await openPage("objectives");
    expect(queryAllTexts(LINES)).toEqual(["Orders within the hour", "No paper"]);
});

test("a page of a new record is empty and can be filled in", async () => {
    onRpc("customer", "web_save", ({ args }) => {
        expect.step(args[1].note);
    });
    await mountCustomer();
    await openPage("notes");
    await contains(NOTE).edit("First call");
    await clickSave();
    expect.verifySteps(["First call"]);
});

describe("a form that opens with what the browser kept", () => {
    /** Open the first customer again, from the cache; its answer comes when the returned promise is resolved. */
    async function openAgain() {
        const answer = new Deferred();
        let isHeld = false;
        onRpc("customer", "web_read", async ({ args, kwargs }) => {
            if (isHeld && args[0][0] === 1 && !("note" in kwargs.specification)) {
                isHeld = false;
                return answer;
            }
        });
        defineActions([
            { id: 1, res_model: "customer", res_id: 1, views: [[false, "form"]] },
            { id: 2, res_model: "customer", res_id: 2, views: [[false, "form"]] },
        ]);
        await mountWithCleanup(WebClient);
        await getService("action").doAction(1);
        await getService("action").doAction(2);
        isHeld = true;
        getService("action").doAction(1);
        await animationFrame();
        expect(NAME).toHaveValue("Acme");
        return { answer };
    }

    const LATE = [{ id: 1, display_name: "Acme", name: "Acme Late", city: "Bruges" }];

    test("the late answer does not take a page away", async () => {
        const { answer } = await openAgain();
        MockServer.env["customer"].write([1], { name: "Acme Late", city: "Bruges" });
        await openPage("notes");
        expect(NOTE).toHaveValue("Calls on Mondays");
        expect(CITY).toHaveValue("Bruges", {
            message: "what the answer brings was read with the page",
        });
        answer.resolve(LATE);
        await animationFrame();
        expect(NOTE).toHaveValue("Calls on Mondays");
        expect(NAME).toHaveValue("Acme Late");
    });

    test("what somebody edited before is not read over", async () => {
        const { answer } = await openAgain();
        await contains(NAME).edit("Acme Mine", { confirm: "blur" });
        MockServer.env["customer"].write([1], { name: "Acme Late", city: "Bruges" });
        await openPage("notes");
        answer.resolve(LATE);
        await animationFrame();
        expect(NAME).toHaveValue("Acme Mine");
        expect(CITY).toHaveValue("Bruges");
        expect(NOTE).toHaveValue("Calls on Mondays");
    });
});
