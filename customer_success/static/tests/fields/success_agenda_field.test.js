import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, runAllTimers } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Line extends models.Model {
    _name = "line";

    question = fields.Char();
    answer = fields.Char();

    _records = [
        { id: 1, question: "Who uses it?", answer: false },
        { id: 2, question: "How often?", answer: false },
    ];
}

class Conversation extends models.Model {
    _name = "conversation";

    subject = fields.Char();
    line_ids = fields.One2many({ relation: "line" });

    _records = [{ id: 1, subject: "Review", line_ids: [1, 2] }];
}

defineModels([Line, Conversation]);
defineMailModels();

async function mountConversation(attributes = "") {
    await mountView({
        type: "form",
        resModel: "conversation",
        resId: 1,
        arch: `
            <form>
                <field name="subject"/>
                <field name="line_ids" widget="success_agenda" ${attributes}>
                    <list editable="bottom"><field name="question" readonly="1"/><field name="answer"/></list>
                </field>
            </form>`,
    });
    await runAllTimers();
    await animationFrame();
}

test("a conversation opens with the cursor in the first answer", async () => {
    await mountConversation();
    expect(".o_data_row:first").toHaveClass("o_selected_row");
    expect(".o_selected_row [name='answer'] input").toBeFocused();
});

test("one that cannot be changed opens without a cursor in it", async () => {
    await mountConversation(`readonly="1"`);
    expect(".o_data_row").toHaveCount(2);
    expect(".o_selected_row").toHaveCount(0);
});
