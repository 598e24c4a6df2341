import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");
const OBJECTIVES = ".o_field_widget[name='success_objective_ids']";
const STAKEHOLDERS = ".o_field_widget[name='success_stakeholder_ids']";

function openPage(name) {
    return {
        content: `Open the page ${name}`,
        trigger: `.o_notebook_headers a[name='success_${name}']`,
        run: "click",
    };
}

function addObjective(name) {
    return [
        {
            content: "Add an objective",
            trigger: `${OBJECTIVES} .o_field_x2many_list_row_add button, ${OBJECTIVES} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            content: "Say what they want to reach",
            trigger: ".modal .o_field_widget[name='name'] input",
            run: `edit ${name}`,
        },
        {
            content: "Keep it with the form",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "It stands in the list",
            trigger: `body:not(:has(.modal)) ${OBJECTIVES} .o_data_row:contains('${name}')`,
        },
    ];
}

// Lines that were read when their page was opened are edited, kept, discarded and saved with the form.
tours.add("customer_success_form_lines", {
    steps: () => [
        {
            content: "The numbers come after the form",
            trigger: "button[name='action_success_barriers']:contains('1')",
        },
        openPage("objectives"),
        ...addObjective("Orders on the day"),
        {
            content: "The form has something to save",
            trigger: ".o_form_button_save:visible",
        },
        openPage("stakeholders"),
        {
            content: "Add somebody",
            trigger: `${STAKEHOLDERS} .o_field_x2many_list_row_add button, ${STAKEHOLDERS} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            content: "Who",
            trigger: `${STAKEHOLDERS} .o_selected_row [name='contact_id'] input`,
            run: "edit Ada",
        },
        {
            content: "Choose her",
            trigger: ".o-autocomplete--dropdown-item:contains('Ada')",
            run: "click",
        },
        {
            content: "In which role",
            trigger: `${STAKEHOLDERS} .o_selected_row [name='role'] input`,
            run: "click",
        },
        {
            content: "She pays for it",
            trigger: ".o_select_menu_item:contains('Sponsor')",
            run: "click",
        },
        openPage("objectives"),
        {
            content: "What was not saved yet is still there",
            trigger: `${OBJECTIVES} .o_data_row:contains('Orders on the day')`,
        },
        ...stepUtils.saveForm(),
        ...addObjective("Thought better of"),
        ...stepUtils.discardForm(),
        {
            content: "It is gone, the saved one stays",
            trigger: `${OBJECTIVES}:not(:contains('Thought better of')) .o_data_row:contains('Orders on the day')`,
        },
        openPage("stakeholders"),
        {
            content: "So does she",
            trigger: `${STAKEHOLDERS} .o_data_row:contains('Ada'):contains('Sponsor')`,
        },
    ],
});

// A page may be opened before the customer is saved.
tours.add("customer_success_form_new", {
    steps: () => [
        {
            content: "A customer that nobody knows yet",
            trigger:
                ".o_form_view .o_field_widget[name='name'] input, .o_form_view .o_field_widget[name='name'] textarea",
            run: "edit Tour New",
        },
        openPage("objectives"),
        {
            content: "No objective yet",
            trigger: `${OBJECTIVES}:not(:has(.o_data_row))`,
        },
        ...stepUtils.saveForm(),
        ...addObjective("Nobody prints a sheet"),
        ...stepUtils.saveForm(),
    ],
});
