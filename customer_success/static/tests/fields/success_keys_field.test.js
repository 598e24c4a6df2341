import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, press, queryAllTexts, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
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

class Answer extends models.Model {
    _name = "answer";

    signal = fields.Selection({
        selection: [
            ["strength", "Strength"],
            ["neutral", "Neutral"],
            ["concern", "Concern"],
            ["stop", "Stop"],
        ],
    });

    _records = [
        { id: 1, signal: "neutral" },
        { id: 2, signal: false },
    ];
}

defineModels([Answer]);
defineMailModels();

const KEYS = ".o_field_widget[name='signal'] .o_success_keys";
const CHOSEN = `${KEYS} button[aria-checked='true']`;

function mountAnswer(resId, attributes = "") {
    return mountView({
        type: "form",
        resModel: "answer",
        resId,
        arch: `<form><field name="signal" widget="success_keys" ${attributes}/></form>`,
    });
}

async function type(key) {
    await contains(KEYS).focus();
    await press(key);
    await animationFrame();
}

test("each choice has a letter of its own", async () => {
    await mountAnswer(1);
    expect(queryAllTexts(`${KEYS} button`)).toEqual(["S", "N", "C", "T"]);
    expect(CHOSEN).toHaveAttribute("title", "Neutral");
});

test("a letter chooses", async () => {
    await mountAnswer(2);
    expect(CHOSEN).toHaveCount(0);
    await type("t");
    expect(CHOSEN).toHaveAttribute("title", "Stop");
});

test("arrows go on and stop at the ends", async () => {
    await mountAnswer(1);
    await type("ArrowRight");
    expect(CHOSEN).toHaveAttribute("title", "Concern");
    await type("ArrowRight");
    await type("ArrowRight");
    expect(CHOSEN).toHaveAttribute("title", "Stop");
    for (let time = 0; time < 4; time++) {
        await type("ArrowLeft");
    }
    expect(CHOSEN).toHaveAttribute("title", "Strength");
});

test("backspace empties", async () => {
    await mountAnswer(1);
    await type("Backspace");
    expect(CHOSEN).toHaveCount(0);
});

test("a letter with a modifier is left to the browser", async () => {
    await mountAnswer(1);
    await contains(KEYS).focus();
    await press(["ctrl", "c"]);
    await animationFrame();
    expect(CHOSEN).toHaveAttribute("title", "Neutral");
});

test("a click chooses, a second one takes it back", async () => {
    onRpc("answer", "web_save", ({ args }) => {
        expect.step(args[1]);
    });
    await mountAnswer(2);
    await contains(`${KEYS} button[title='Concern']`).click();
    expect(CHOSEN).toHaveClass("btn-warning");
    await clickSave();
    await contains(`${KEYS} button[title='Concern']`).click();
    await clickSave();
    expect.verifySteps([{ signal: "concern" }, { signal: false }]);
});

test("where nothing can be changed, the choice is said in words", async () => {
    await mountAnswer(1, `readonly="1"`);
    expect(KEYS).toHaveCount(0);
    expect(".o_field_widget[name='signal']").toHaveText("Neutral");
});
