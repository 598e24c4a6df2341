import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");
const APP = "customer_success.customer_success_menu_root";

tours.add("customer_success_csm", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: `.o_app[data-menu-xmlid='${APP}']`,
            run: "click",
        },
        {
            content: "The board shows the customer in its stage",
            trigger: ".o_kanban_record:contains('Tour Customer')",
            run: "click",
        },
        {
            content: "Open the page",
            trigger: ".o_notebook_headers a[name='customer_success']",
            run: "click",
        },
        {
            content: "Move on to the next stage",
            trigger:
                ".o_field_widget[name='success_stage_id'] .o_arrow_button:contains('Sustained use')",
            run: "click",
        },
        {
            content: "Say what I think of them",
            trigger: ".o_field_widget[name='success_sentiment'] :contains('Worried'):last",
            run: "click",
        },
        {
            content: "Take the customer",
            trigger: ".o_field_widget[name='success_user_id'] input",
            run: "edit test_csm",
        },
        {
            content: "Choose myself",
            trigger: ".o-autocomplete--dropdown-item:contains('test_csm')",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "Log an answer",
            trigger: "button[name='action_success_log_answer']",
            run: "click",
        },
        {
            content: "Find the question",
            trigger: ".modal .o_field_widget[name='question_id'] input",
            run: "edit three years",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('three years')",
            run: "click",
        },
        {
            content: "Write what they said",
            trigger: ".modal .o_field_widget[name='answer'] textarea",
            run: "edit They only speak of the go-live date.",
        },
        {
            content: "It is a concern",
            trigger: ".modal .o_field_widget[name='signal'] label:contains('Concern')",
            run: "click",
        },
        {
            content: "Save the answer",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The form counts it",
            trigger: "body:not(:has(.modal)) button[name='action_success_answers']:contains('1')",
        },
        {
            content: "Raise a barrier",
            trigger: "button[name='action_success_raise_barrier']",
            run: "click",
        },
        {
            content: "Say what stops people",
            trigger: ".modal .o_field_widget[name='name'] input",
            run: "edit Managers ask for the weekly sheet",
        },
        {
            content: "Save the barrier",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The form counts it too",
            trigger: "body:not(:has(.modal)) button[name='action_success_barriers']:contains('1')",
        },
        {
            content: "Score at once",
            trigger: "button[name='action_success_rescore']",
            run: "click",
        },
        {
            content: "The barrier is among the reasons",
            trigger: ".o_success_explanation:contains('Managers ask for the weekly sheet')",
        },
    ],
});

tours.add("customer_success_sales", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the pipeline",
            trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']",
            run: "click",
        },
        {
            content: "The card says the risk in words and the reasons on hover",
            trigger:
                ".o_kanban_record:contains('Tour Upsell') div[title*='Use']:contains('Renewal risk')",
        },
        {
            content: "Open the opportunity",
            trigger: ".o_kanban_record:contains('Tour Upsell')",
            run: "click",
        },
        {
            content: "Ask why",
            trigger: ".o_notebook_headers a[name='customer_success']",
            run: "click",
        },
        {
            content: "The reasons are there",
            trigger: ".o_success_explanation:contains('20 of 100 licensed users active')",
        },
    ],
});

tours.add("customer_success_manager", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: `.o_app[data-menu-xmlid='${APP}']`,
            run: "click",
        },
        {
            content: "Open the customers menu",
            trigger: "button[data-menu-xmlid='customer_success.customer_success_menu_customers']",
            run: "click",
        },
        {
            content: "See all customers",
            trigger: "a[data-menu-xmlid='customer_success.customer_success_menu_all_customers']",
            run: "click",
        },
        {
            content: "Select the customer",
            trigger: ".o_data_row:contains('Tour Customer') .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Open the actions",
            trigger: ".o_cp_action_menus .dropdown-toggle:contains('Actions')",
            run: "click",
        },
        {
            content: "Ask for the workbook",
            trigger: ".o-dropdown--menu .o-dropdown-item:contains('Excel Workbook')",
            run: "click",
        },
        {
            content: "One customer is selected",
            trigger: ".modal .o_field_widget[name='selected_count']:contains('1')",
        },
        {
            content: "Download it",
            trigger: ".modal button[name='action_download']",
            run: "click",
        },
        {
            content: "The dialog stays until the file is there",
            trigger: ".modal button.btn-secondary:contains('Close')",
            run: "click",
        },
        {
            content: "Back in the list",
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
    ],
});
