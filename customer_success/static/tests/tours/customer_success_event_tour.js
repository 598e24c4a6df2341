import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const form = ".o_form_view";

tours.add("customer_success_event_source", {
    url: "/odoo/success-events",
    steps: () => [
        {
            content: "The empty list says how it begins",
            trigger: ".o_nocontent_help:contains('Let a product say how it is used')",
        },
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: `${form} .o_field_widget[name='name'] input`,
            run: "edit Planner, production",
        },
        {
            trigger: `${form} .o_field_widget[name='product_id'] input`,
            run: "edit Planner",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Planner')",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button[name='action_make_key']:contains('Make a Key')",
            run: "click",
        },
        {
            content: "The key is shown, once; an event is sent with it",
            trigger: ".modal .o_field_widget[name='key']",
            async run() {
                const shown = document.querySelector(".modal .o_field_widget[name='key']");
                const key = shown.querySelector("input")?.value || shown.textContent.trim();
                const answer = await fetch("/customer_success/v1/track", {
                    method: "POST",
                    headers: {
                        "Content-Type": "application/json",
                        Authorization: `Basic ${btoa(`${key}:`)}`,
                    },
                    body: JSON.stringify({
                        userId: "ada",
                        event: "Order Saved",
                        context: { groupId: "EV-1" },
                    }),
                });
                if (!(await answer.json()).success) {
                    console.error("The event was refused.");
                }
            },
        },
        {
            trigger: ".modal .modal-footer button:contains('Done')",
            run: "click",
        },
        {
            content: "The dialog is closed",
            trigger: `body:not(:has(.modal)) ${form} .nav-link:contains('Keys')`,
        },
    ],
});

tours.add("customer_success_event_use", {
    steps: () => [
        {
            content: "The use of the customer, counted from its events",
            trigger:
                ".o_list_view .o_data_row:contains('Event Customer') td[name='active_users']:contains('1')",
        },
    ],
});
