import { registry } from "@web/core/registry";

// A contract from month to month that renewed itself: one line, and its history behind it.
registry.category("web_tour.tours").add("customer_success_renewed_itself", {
    steps: () => [
        {
            content: "One line stands for the contract",
            trigger:
                ".o_list_view .o_data_row:contains('Tour Monthly'):not(:has(~ .o_data_row:contains('Tour Monthly')))",
        },
        {
            content: "Look at its history",
            trigger: ".o_data_row:contains('Tour Monthly') button[name='action_terms']",
            run: "click",
        },
        {
            content: "All its terms are there, the pending one first",
            trigger: ".o_list_view .o_data_row:nth-child(1) .badge:contains('Pending')",
        },
        {
            content: "The one before it renewed itself",
            trigger:
                ".o_data_row:nth-child(2):has([name='renewed_itself'] input:checked) .badge:contains('Renewed')",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:nth-child(2) .o_data_cell[name='date_renewal']",
            run: "click",
        },
        {
            content: "It says so",
            trigger: ".o_form_view .alert:contains('The contract renewed itself')",
        },
        {
            content: "So does its chatter, with the day",
            trigger: ".o-mail-Message:contains('because no notice was given')",
        },
    ],
});

// A notice: recorded by the CSM, seen until the end, and ended as it was announced.
registry.category("web_tour.tours").add("customer_success_notice", {
    steps: () => [
        {
            content: "The form says when it renews itself",
            trigger:
                ".o_form_view .o_field_widget[name='auto_text']:contains('Unless notice is given')",
        },
        {
            content: "Notice came",
            trigger: ".o_statusbar_buttons button:contains('Notice Given')",
            run: "click",
        },
        {
            content: "They leave: that is proposed",
            trigger:
                ".modal .o_field_widget[name='kind']:has(.o_radio_input:checked) label:contains('Ends the Contract')",
        },
        {
            content: "Why",
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Little use",
        },
        {
            content: "Choose the reason",
            trigger: ".o-autocomplete--dropdown-item:contains('Little use')",
            run: "click",
        },
        {
            content: "Their words",
            trigger:
                ".modal:not(:has(.o-autocomplete--dropdown-menu)) .o_field_widget[name='reason_note'] textarea",
            run: "edit Nobody opened it since spring",
        },
        {
            content: "Record it",
            trigger: ".modal button[name='action_record']",
            run: "click",
        },
        {
            content: "It stands on the form",
            trigger:
                ".o_form_view:not(:has(.modal)) .alert-danger:contains('The customer gave notice')",
        },
        {
            content: "It no longer renews itself",
            trigger: ".o_form_view:not(:has(.o_field_widget[name='auto_text']:visible))",
        },
        {
            content: "The term is over: end it",
            trigger: ".o_statusbar_buttons button:contains('End as Announced')",
            run: "click",
        },
        {
            content: "Churned is proposed, with the reason",
            trigger:
                ".modal:has(.o_field_widget[name='reason_id'] input:value(/Little use/)) .o_field_widget[name='outcome'] .o_radio_input[data-value='churned']:checked",
        },
        {
            content: "End it",
            trigger: ".modal button[name='action_end']",
            run: "click",
        },
        {
            content: "It has ended",
            trigger: ".o_field_widget[name='outcome'] .o_arrow_button_current:contains('Churned')",
        },
    ],
});
