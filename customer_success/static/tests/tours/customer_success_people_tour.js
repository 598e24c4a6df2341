import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// The whole book of a CSM, from the menu to the record of the hand-over.
tours.add("customer_success_hand_over_a_book", {
    steps: () => [
        {
            content: "Open the menu of customers",
            trigger:
                ".o_menu_sections [data-menu-xmlid='customer_success.customer_success_menu_customers']",
            run: "click",
        },
        {
            content: "Hand over a book",
            trigger:
                ".o-dropdown--menu [data-menu-xmlid='customer_success.customer_success_menu_handover']",
            run: "click",
        },
        {
            content: "It is one's own book, and the work that moves is named",
            trigger:
                ".modal:has(.o_field_widget[name='user_from_id'] input:value(/^test_csm/)) .o_field_widget[name='effect']:contains('Barrier, open: 1')",
        },
        {
            content: "To whom",
            trigger: ".modal .o_field_widget[name='user_to_id'] input",
            run: "edit test_new_csm",
        },
        {
            content: "Choose the colleague",
            trigger: ".o-autocomplete--dropdown-item:contains('test_new_csm')",
            run: "click",
        },
        {
            content: "Say what nobody would find in the records",
            trigger:
                ".modal:not(:has(.o-autocomplete--dropdown-menu)) .o_field_widget[name='note'] textarea",
            run: "edit Their CFO decides",
        },
        {
            content: "Hand it over",
            trigger: ".modal button[name='action_hand_over']",
            run: "click",
        },
        {
            content: "The record names who has it now",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_field_widget[name='user_to_id']:contains('test_new_csm')",
        },
        {
            content: "And each record that moved",
            trigger: ".o_field_widget[name='line_ids'] .o_data_row:contains('Tour Book')",
        },
    ],
});

// From the record of a hand-over: it is taken back as one.
tours.add("customer_success_take_back", {
    steps: () => [
        {
            content: "Take it back",
            trigger: ".o_statusbar_buttons button[name='action_undo']",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is taken back",
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_arrow_button_current:contains('Taken Back')",
        },
        {
            content: "It cannot be taken back twice",
            trigger: ".o_form_view:not(:has(button[name='action_undo']))",
        },
    ],
});
