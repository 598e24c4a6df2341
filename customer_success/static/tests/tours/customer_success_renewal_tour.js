import { registry } from "@web/core/registry";

// From a checkpoint at which the churn risk and the CSM's view differ, to a contraction and the term after it.
registry.category("web_tour.tours").add("customer_success_renewal", {
    steps: () => [
        {
            content: "The two differ, and an action plan is missing",
            trigger: ".o_form_view .alert:contains('Write an action plan')",
        },
        {
            content: "Open the checkpoint",
            trigger: ".o_field_widget[name='checkpoint_ids'] button[name='action_open']",
            run: "click",
        },
        {
            content: "What was frozen cannot be changed",
            trigger:
                ".modal .o_field_widget[name='csm_view'].o_readonly_modifier:contains('Confident')",
        },
        {
            content: "Write the action plan",
            trigger: ".modal .o_field_widget[name='action_plan'] textarea",
            run: "edit Count the seats with their administrator",
        },
        {
            content: "Save it",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "It stands with the renewal",
            trigger: ".o_field_widget[name='checkpoint_ids']:contains('Count the seats')",
        },
        {
            content: "Nobody is asked any more",
            trigger: ".o_form_view:not(:has(.alert:contains('Write an action plan')))",
        },
        {
            content: "They keep fewer seats",
            trigger: ".o_statusbar_buttons button:contains('Contracted')",
            run: "click",
        },
        {
            content: "For less",
            trigger: ".modal .o_field_widget[name='renewed_value'] input",
            run: "edit 9600",
        },
        {
            content: "Eighty of them",
            trigger: ".modal .o_field_widget[name='renewed_seats'] input",
            run: "edit 80",
        },
        {
            content: "Why",
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Seats that nobody",
        },
        {
            content: "Choose the reason",
            trigger: ".o-autocomplete--dropdown-item:contains('Seats that nobody used')",
            run: "click",
        },
        {
            content: "It is chosen, and the next term announced",
            trigger:
                ".modal:not(:has(.o-autocomplete--dropdown-menu)):has(.o_field_widget[name='reason_id'] input:value(/nobody used$/)) .o_field_widget[name='next_text']:contains('The next term')",
        },
        {
            content: "End it",
            trigger: ".modal button[name='action_end']",
            run: "click",
        },
        {
            content: "It has ended",
            trigger:
                ".o_field_widget[name='outcome'] .o_arrow_button_current:contains('Contracted')",
        },
        {
            content: "There is the next one, with what was agreed",
            trigger:
                ".o_field_widget[name='next_ids'] .o_data_row:contains('9,600'):contains('80')",
        },
    ],
});
