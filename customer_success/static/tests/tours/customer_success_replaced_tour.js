import { registry } from "@web/core/registry";

// A product is lost as another one begins: the dialog asks, and what took its place is no loss.
registry.category("web_tour.tours").add("customer_success_replaced", {
    steps: () => [
        {
            content: "They leave this product",
            trigger: ".o_statusbar_buttons button:contains('Churned')",
            run: "click",
        },
        {
            content: "Another one begins on that day",
            trigger: ".modal .alert:contains('Analytics begins on')",
        },
        {
            content: "It takes the place of this one",
            trigger: ".modal .o_field_widget[name='replaced_by_id'] input",
            run: "click",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('Analytics')",
            run: "click",
        },
        {
            content: "It is more money, and no other term is created",
            trigger:
                ".modal:has(.o_field_widget[name='outcome'] input:checked + label:contains('Expanded')) .o_field_widget[name='next_text']:contains('No other term')",
        },
        {
            content: "End it",
            trigger: ".modal button[name='action_end']",
            run: "click",
        },
        {
            content: "It has expanded",
            trigger: ".o_field_widget[name='outcome'] .o_arrow_button_current:contains('Expanded')",
        },
        {
            content: "What took its place stands with it",
            trigger: ".o_field_widget[name='replaced_by_id']:contains('Analytics')",
        },
    ],
});

// Two customers were merged, and their terms overlap: which one counts?
registry.category("web_tour.tours").add("customer_success_choose_term", {
    steps: () => [
        {
            content: "A term was set aside",
            trigger: ".o_form_view .alert:contains('set aside') button[name='action_choose_term']",
            run: "click",
        },
        {
            content: "Both stand side by side",
            trigger:
                ".modal:has(.o_field_widget[name='kept_text']:contains('12,000')) .o_field_widget[name='aside_text']:contains('9,000')",
        },
        {
            content: "They are two contracts",
            trigger: ".modal .o_field_widget[name='choice'] label:contains('two contracts')",
            run: "click",
        },
        {
            content: "One of the north",
            trigger: ".modal .o_field_widget[name='kept_number'] input",
            run: "edit North",
        },
        {
            content: "One of the south",
            trigger: ".modal .o_field_widget[name='aside_number'] input",
            run: "edit South",
        },
        {
            content: "Choose",
            trigger: ".modal button[name='action_choose']",
            run: "click",
        },
        {
            content: "Nothing is left to choose",
            trigger:
                ".o_form_view:not(:has(.modal)):not(:has(button[name='action_choose_term'])) .o_field_widget[name='contract_number'] input:value(North)",
        },
    ],
});
