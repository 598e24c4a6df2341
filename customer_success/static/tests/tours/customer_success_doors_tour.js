import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function typed(name, value) {
    return [
        {
            content: `Into ${name}`,
            trigger: `.o_field_widget[name='${name}'] button`,
            run: "click",
        },
        {
            content: `Enter ${value}`,
            trigger: `.o_field_widget[name='${name}'] input`,
            run: `edit ${value} && press Enter`,
        },
    ];
}

// A term is moved in its form: what nobody touched follows.
tours.add("customer_success_move_a_term", {
    steps: () => [
        ...typed("date_renewal", "12/31/2097"),
        {
            content: "It is worth more",
            trigger: ".o_field_widget[name='annual_value'] input",
            run: "edit 12000",
        },
        {
            content: "Save it",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".o_form_view .o_form_saved",
        },
    ],
});

// A year with a slip in it is refused in words, and what was typed stays to be mended.
tours.add("customer_success_wrong_year", {
    steps: () => [
        ...typed("date_renewal", "01/05/2926"),
        {
            content: "Save it",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is refused, and says what to do",
            trigger: ".modal:contains('Check the year') .modal-footer button",
            run: "click",
        },
        ...typed("date_renewal", "01/05/2098"),
        {
            content: "Save it",
            trigger: "body:not(:has(.modal)) .o_form_button_save",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".o_form_view .o_form_saved",
        },
    ],
});

// A mail of a person who is a contact at two customers: the CSM says which one it is about.
tours.add("customer_success_sort_a_mail", {
    steps: () => [
        {
            content: "It is marked with both",
            trigger:
                ".o_form_view .o_field_widget[name='customer_ids']:contains('Acme'):contains('Globex')",
        },
        {
            content: "Which one is it?",
            trigger: ".o_field_widget[name='partner_id'] input",
            run: "click",
        },
        {
            content: "It is about Globex",
            trigger: ".o-autocomplete--dropdown-item:contains('Globex')",
            run: "click",
        },
        {
            content: "Open its barrier",
            trigger:
                "body:not(:has(.o-autocomplete--dropdown-menu)) button[name='action_open_barrier']",
            run: "click",
        },
        {
            content: "The barrier says from whom it came",
            trigger: ".o_field_widget[name='evidence'] textarea:value(/Globex, Connie/)",
        },
    ],
});

// More seats for less money: the dialog refuses *Expanded* and says that money decides.
tours.add("customer_success_money_decides", {
    steps: () => [
        {
            content: "They take more seats",
            trigger: ".o_statusbar_buttons button:contains('Expanded')",
            run: "click",
        },
        {
            content: "For less",
            trigger: ".modal .o_field_widget[name='renewed_value'] input",
            run: "edit 8000",
        },
        {
            content: "150 of them",
            trigger: ".modal .o_field_widget[name='renewed_seats'] input",
            run: "edit 150",
        },
        {
            content: "End it",
            trigger: ".modal button[name='action_end']",
            run: "click",
        },
        {
            content: "It is refused, and says what to choose",
            trigger:
                ".modal:contains('Choose Contracted: money decides') .modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "Contracted",
            trigger:
                ".modal .o_field_widget[name='outcome'] .o_radio_input[data-value='contracted']",
            run: "click",
        },
        {
            content: "For less",
            trigger:
                ".modal:has(.o_radio_input[data-value='contracted']:checked) .o_field_widget[name='renewed_value'] input",
            run: "edit 8000",
        },
        {
            content: "150 of them",
            trigger: ".modal .o_field_widget[name='renewed_seats'] input",
            run: "edit 150",
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
            content: "End it",
            trigger:
                ".modal:has(.o_field_widget[name='reason_id'] input:value(/nobody used$/)) button[name='action_end']",
            run: "click",
        },
        {
            content: "It has ended",
            trigger:
                ".o_field_widget[name='outcome'] .o_arrow_button_current:contains('Contracted')",
        },
    ],
});

// A meeting of a whole day: its hours are empty and asked.
tours.add("customer_success_all_day_meeting", {
    steps: () => [
        {
            content: "It becomes a conversation",
            trigger: ".o_form_view button[name='action_success_log']",
            run: "click",
        },
        {
            content: "On its day, without hours",
            trigger:
                ".o_form_view:has(.o_field_widget[name='contact_ids']) .o_field_widget[name='duration'] input:value(00:00)",
        },
        {
            content: "Log it",
            trigger: "button[name='action_open_log']",
            run: "click",
        },
        {
            content: "They agree",
            trigger: ".modal .o_field_widget[name='summary'] textarea",
            run: "edit They agree",
        },
        {
            content: "Log it without hours",
            trigger: ".modal button[name='action_log']",
            run: "click",
        },
        {
            content: "The hours are asked",
            trigger: ".modal:contains('enter the hours') .modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "An hour and a half",
            trigger: ".modal .o_field_widget[name='duration'] input",
            run: "edit 1:30",
        },
        {
            content: "Log it",
            trigger: ".modal button[name='action_log']",
            run: "click",
        },
        {
            content: "It was held",
            trigger: ".o_field_widget[name='state'] .o_arrow_button_current:contains('Held')",
        },
    ],
});
