import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");
const APP = "customer_success.customer_success_menu_root";
// The app opens with My Day.
const openMyCustomers = [
    {
        content: "Open the customers menu",
        trigger: "button[data-menu-xmlid='customer_success.customer_success_menu_customers']",
        run: "click",
    },
    {
        content: "See my customers",
        trigger: "a[data-menu-xmlid='customer_success.customer_success_menu_my_customers']",
        run: "click",
    },
];

tours.add("customer_success_csm", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: `.o_app[data-menu-xmlid='${APP}']`,
            run: "click",
        },
        ...openMyCustomers,
        {
            content: "Look beyond my own customers",
            trigger: ".o_searchview_facet:contains('My Customers') .o_facet_remove",
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
                ".o_field_widget[name='success_stage_id'] .o_arrow_button:contains('Effective use')",
            run: "click",
        },
        {
            content: "It stands there",
            trigger:
                ".o_field_widget[name='success_stage_id'] .o_arrow_button_current:contains('Effective use')",
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
            content: "The card says the risk in words",
            trigger:
                ".o_kanban_record:contains('Tour Upsell') .o_success_risk:contains('Churn risk')",
            run: "hover",
        },
        {
            content: "Who points at it sees the reasons",
            trigger: ".o_kanban_record:contains('Tour Upsell') .o_success_risk[title*='Use']",
        },
        {
            content: "Which customers are at risk?",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Filter them",
            trigger: ".o_filter_menu .o-dropdown-item:contains('Customer at High Churn Risk')",
            run: "click",
        },
        {
            content: "This one is",
            trigger: ".o_searchview_facet:contains('High Churn Risk')",
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
            trigger: ".o_success_explanation:contains('20 of 100 licensed users are active')",
        },
    ],
});

const judgeRenewal = [
    {
        content: "The reasons are there",
        trigger: ".o_form_view .o_success_explanation",
    },
    {
        content: "They said maybe",
        trigger:
            ".o_field_widget[name='forecast_effective'] .o_selection_badge:contains('Best Case')",
        run: "click",
    },
    ...stepUtils.saveForm(),
    {
        content: "The risk goes on suggesting what it did",
        trigger: ".o_field_widget[name='forecast_suggested']:contains('At Risk')",
    },
];

tours.add("customer_success_sales_renewals", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the pipeline",
            trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']",
            run: "click",
        },
        {
            content: "Open its menu",
            trigger: "button[data-menu-xmlid='crm.crm_menu_sales']",
            run: "click",
        },
        {
            content: "Which renewals come up?",
            trigger: "a[data-menu-xmlid='customer_success.customer_success_menu_sales_renewal']",
            run: "click",
        },
        {
            content: "The risk suggests that this one is at risk; I think better of it",
            trigger:
                ".o_kanban_group:contains('At Risk') .o_kanban_record:contains('Tour Customer')",
            run: "drag_and_drop .o_kanban_group:contains('Committed')",
        },
        {
            content: "It says what the risk suggests; open it",
            trigger:
                ".o_kanban_group:contains('Committed') .o_kanban_record:contains('Risk suggests: At Risk')",
            run: "click",
        },
        ...judgeRenewal,
    ],
});

tours.add("customer_success_sales_phone", {
    steps: () => [
        {
            content: "Open the renewal",
            trigger: ".o_kanban_record:contains('Tour Customer')",
            run: "click",
        },
        ...judgeRenewal,
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
            trigger: ".modal .o_field_widget[name='customer_count']:contains('1')",
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

const openCustomer = (name) => [
    stepUtils.showAppsMenuItem(),
    {
        content: "Open the app",
        trigger: `.o_app[data-menu-xmlid='${APP}']`,
        run: "click",
    },
    ...openMyCustomers,
    {
        content: "Look beyond my own customers",
        trigger: ".o_searchview_facet:contains('My Customers') .o_facet_remove",
        run: "click",
    },
    {
        content: "Open the customer",
        trigger: `.o_kanban_record:contains('${name}')`,
        run: "click",
    },
    {
        content: "Open the page",
        trigger: ".o_notebook_headers a[name='customer_success']",
        run: "click",
    },
];

tours.add("customer_success_journey_won", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the pipeline",
            trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']",
            run: "click",
        },
        {
            content: "Open the opportunity",
            trigger: ".o_kanban_record:contains('Journey Order')",
            run: "click",
        },
        {
            content: "Hand over",
            trigger: ".o_notebook_headers a[name='success_handover']",
            run: "click",
        },
        {
            content: "Say why they bought",
            trigger: ".o_field_widget[name='success_why_bought'] textarea",
            run: "edit Orders got lost",
        },
        ...stepUtils.saveForm(),
        {
            content: "Win it",
            trigger: "button[name='action_set_won_rainbowman']",
            run: "click",
        },
        {
            content: "The dialog asks what was promised, and keeps why they bought",
            trigger: ".modal .o_field_widget[name='success_promised'] :is(input, textarea)",
            run: "edit Live by summer",
        },
        {
            content: "Mark it as won",
            trigger: ".modal button[name='action_win']",
            run: "click",
        },
        {
            content: "It is won",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Won')",
        },
    ],
});

tours.add("customer_success_journey_live", {
    steps: () => [
        ...openCustomer("Journey Ltd"),
        {
            content: "Go live too early",
            trigger: ".o_field_widget[name='success_stage_id'] .o_arrow_button:contains('Go-live')",
            run: "click",
        },
        {
            content:
                "The gate says what is missing and leads there; only a manager could overrule it",
            trigger:
                ".modal:contains('does not say what success is'):not(:has(button:contains('Overrule'))) button[name='action_open_plan']",
            run: "click",
        },
        {
            content: "The plan holds the handover",
            trigger: ".o_notebook_headers a[name='handover']",
            run: "click",
        },
        {
            content: "Why they bought",
            trigger: ".o_field_widget[name='why_bought'] textarea:value('Orders got lost')",
        },
        {
            content: "Say what success is",
            trigger: ".o_notebook_headers a[name='success']",
            run: "click",
        },
        {
            content: "In their words",
            trigger: ".o_field_widget[name='success_definition'] textarea",
            run: "edit Orders are entered on the day they come in",
        },
        {
            content: "Say how it goes on",
            trigger: ".o_notebook_headers a[name='after']",
            run: "click",
        },
        {
            content: "Year after year",
            trigger: ".o_field_widget[name='sustaining_plan'] textarea",
            run: "edit Once a quarter the head of sales looks at it with us",
        },
        {
            content: "Activate the plan",
            trigger: "button[name='action_activate']",
            run: "click",
        },
        {
            content: "It is active",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Active')",
        },
        ...openCustomer("Journey Ltd"),
        {
            content: "Go live",
            trigger: ".o_field_widget[name='success_stage_id'] .o_arrow_button:contains('Go-live')",
            run: "click",
        },
        {
            content: "The dialog asks for the first change after go-live",
            trigger: ".modal .o_field_widget[name='first_change'] input",
            run: "edit The old order sheet is closed",
        },
        {
            content: "And for its day",
            trigger: ".modal .o_field_widget[name='first_change_date'] input",
            run: "edit 12/31/2099",
        },
        {
            content: "Go live with it",
            trigger:
                ".modal button[name='action_move']:contains('Move'):not(:contains('Overrule'))",
            run: "click",
        },
        {
            content: "The plan opens with the time after go-live",
            trigger: ".o_notebook_headers a.active[name='after']",
        },
        ...openCustomer("Journey Ltd"),
        {
            content: "It stands in go-live",
            trigger:
                ".o_field_widget[name='success_stage_id'] .o_arrow_button_current:contains('Go-live')",
        },
    ],
});

tours.add("customer_success_journey_second_year", {
    steps: () => [
        ...openCustomer("Journey Ltd"),
        {
            content: "Record when it went live",
            trigger:
                ".o_field_widget[name='success_go_live_date'] input, .o_field_widget[name='success_go_live_date'] button",
            run: "click",
        },
        {
            content: "More than a year ago",
            trigger: ".o_field_widget[name='success_go_live_date'] input",
            run: "edit 01/15/2025 && press Enter",
        },
        {
            content: "Use is sustained",
            trigger:
                ".o_field_widget[name='success_stage_id'] .o_arrow_button:contains('Sustained use')",
            run: "click",
        },
        {
            content: "It stands there",
            trigger:
                ".o_field_widget[name='success_stage_id'] .o_arrow_button_current:contains('Sustained use')",
        },
        {
            content: "The second year",
            trigger: ".o_field_widget[name='success_years_live']",
        },
    ],
});

tours.add("customer_success_use", {
    steps: () => [
        {
            content: "Where the product measures nothing, say what is seen",
            trigger: "button[name='action_success_assess_all']",
            run: "click",
        },
        {
            content: "Of its product",
            trigger: ".modal .o_data_row:contains('Planner') .o_data_cell[name='licensed_users']",
            run: "click",
        },
        {
            content: "Seats they have",
            trigger: ".modal .o_selected_row [name='licensed_users'] input",
            run: "edit 100",
        },
        {
            content: "Seats they use",
            trigger: ".modal .o_selected_row [name='active_users'] input",
            run: "edit 2",
        },
        {
            content: "How well, in words",
            trigger: ".modal .o_selected_row [name='quality'] input",
            run: "click",
        },
        {
            content: "Choose the words",
            trigger: ".o_select_menu_item:contains('Good enough')",
            run: "click",
        },
        {
            content: "Save what was seen",
            trigger: ".modal button[name='action_save']",
            run: "click",
        },
        {
            content: "Look at it at once",
            trigger: "body:not(:has(.modal)) button[name='action_success_rescore']",
            run: "click",
        },
        {
            content: "Two charts, and their figures",
            trigger: ".o_success_usage_chart:has(canvas):contains('2 %')",
        },
        {
            content: "It sits idle: ask what stands behind it",
            trigger:
                ".o_field_widget[name='success_symptom_flag_ids'] .o_data_row:contains('Sitting idle') button[name='action_raise_barrier']",
            run: "click",
        },
        {
            content: "The barrier knows its symptom",
            trigger: ".modal .o_field_widget[name='symptom_ids']:contains('Sitting idle')",
        },
        {
            content: "Save the barrier",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "The symptom leads to it from now on",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='success_symptom_flag_ids'] button[name='action_open_barriers']",
        },
    ],
});

/** One question by keyboard: what they said, its signal and rating, and on to the next. */
function answerByKeyboard(text, signal, rating) {
    const row = ".o_field_widget[name='line_ids'] .o_selected_row";
    return [
        {
            content: "Write what they said",
            trigger: `${row} [name='answer'] textarea:focus`,
            run: `edit ${text}`,
        },
        { trigger: `${row} [name='answer'] textarea:focus`, run: "press Tab" },
        {
            content: "What it means, by its letter",
            trigger: `${row} [name='signal'] .o_success_keys:focus`,
            run: `press ${signal}`,
        },
        { trigger: `${row} [name='signal'] [aria-checked='true']`, run: "press Tab" },
        {
            content: "How far, by its number",
            trigger: `${row} [name='rating'] .o_success_keys:focus`,
            run: `press ${rating}`,
        },
        { trigger: `${row} [name='rating'] [aria-checked='true']`, run: "press Tab" },
        {
            content: "Past the reason for not asking, to the next question",
            trigger: `${row} [name='not_asked_reason'] input:focus`,
            run: "press Tab",
        },
    ];
}

function byKeyboard(content, trigger) {
    return [
        { content, trigger, run: ({ anchor }) => anchor.focus() },
        { trigger: `${trigger}:focus`, run: "press Enter" },
    ];
}

tours.add("customer_success_conversation", {
    steps: () => [
        {
            content: "Prepare a conversation by its key",
            trigger: "button[name='action_success_prepare']",
            run: "press alt+shift+l",
        },
        ...answerByKeyboard("They want fewer returns", "s", 5),
        ...answerByKeyboard("In the warehouse", "n", 3),
        ...answerByKeyboard("A merger in spring", "c", 2),
        ...answerByKeyboard("Nobody decides", "b", 1),
        ...answerByKeyboard("A clean shift", "s", 4),
        ...answerByKeyboard("Nothing is said", "c", 2),
        ...answerByKeyboard("Speed only", "c", 2),
        {
            content: "Log it by its key",
            trigger: "button[name='action_open_log']",
            run: "press alt+l",
        },
        {
            content: "It was good",
            trigger: ".modal .o_field_widget[name='quality'] input[data-value='4']",
            run: "click",
        },
        {
            content: "It was about what stands in their way",
            trigger: ".modal .o_field_widget[name='focus'] input[data-value='5']",
            run: "click",
        },
        {
            content: "Log it with its rating",
            trigger: ".modal button[name='action_log']",
            run: "press alt+q",
        },
        {
            content: "Seven answers",
            trigger: ".o_field_widget[name='answer_ids'] .o_data_row:nth-child(7)",
        },
        ...byKeyboard(
            "Open what is recommended",
            ".o_field_widget[name='advice_ids'] .o_data_row:contains('Activities') .o_data_cell[name='recommendation_id']:first"
        ),
        ...byKeyboard("Accept it", ".modal button[name='action_accept']"),
        {
            content: "It is accepted",
            trigger: ".modal .o_arrow_button_current:contains('Accepted')",
        },
        { trigger: ".modal .modal-header .btn-close", run: "press Escape" },
        ...byKeyboard(
            "Open a barrier that is recommended",
            "body:not(:has(.modal)) .o_field_widget[name='advice_ids'] .o_data_row:contains('Barrier') .o_data_cell[name='recommendation_id']:first"
        ),
        ...byKeyboard("Accept it, too", ".modal button[name='action_accept']"),
        ...byKeyboard(
            "Save the barrier",
            ".modal:has(.o_field_widget[name='severity']) .o_form_button_save"
        ),
        {
            content: "It is accepted with its barrier",
            trigger: ".modal .o_arrow_button_current:contains('Accepted')",
        },
        { trigger: ".modal .modal-header .btn-close", run: "press Escape" },
        {
            content: "Both are accepted",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='advice_ids']:has(.o_data_row:contains('Accepted') ~ .o_data_row:contains('Accepted'))",
        },
        ...byKeyboard("Back to the customer", ".o_breadcrumb a:contains('Tour Talk')"),
        {
            content: "Coverage has moved",
            trigger: "button[name='action_success_answers']:contains('7 of')",
        },
        ...byKeyboard("To the answers", ".o_notebook_headers a[name='success_answers']"),
        {
            content: "Readiness stands there",
            trigger: ".o_success_readiness:contains('Whole customer')",
        },
    ],
});

tours.add("customer_success_barrier", {
    steps: () => [
        {
            content: "Go through the areas with people who work with it",
            trigger: "button[name='action_success_check_barriers']",
            run: "click",
        },
        {
            content: "How many of them were asked",
            trigger: ".modal .o_field_widget[name='users_asked'] input",
            run: "edit 4",
        },
        {
            content: "Open the first area",
            trigger: ".modal .o_data_row:contains('Processes') .o_data_cell[name='name']",
            run: "click",
        },
        {
            content: "Say what stops people",
            trigger: ".modal .o_selected_row [name='name'] input",
            run: "edit The old form is asked for",
        },
        {
            content: "There is one",
            trigger: ".modal .o_selected_row [name='found'] input",
            run: "click",
        },
        {
            content: "Finish the search",
            trigger: ".modal button[name='action_finish']",
            run: "click",
        },
        {
            content: "It stands on the board as confirmed",
            trigger: ".o_kanban_record:contains('The old form is asked for')",
            run: "click",
        },
        {
            content: "Name its owner at the customer",
            trigger: ".o_field_widget[name='owner_contact_id'] input",
            run: "edit Ada",
        },
        {
            content: "Choose her",
            trigger: ".o-autocomplete--dropdown-item:contains('Ada')",
            run: "click",
        },
        {
            content: "She was given the authority",
            trigger: ".o_field_widget[name='authority'] label:contains('Granted')",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "So it can be removed",
            trigger: ".o_field_widget[name='state'] .o_arrow_button_current:contains('Empowered')",
        },
        {
            content: "Begin",
            trigger: ".o_field_widget[name='state'] .o_arrow_button:contains('Being Removed')",
            run: "click",
        },
        {
            content: "It is being removed",
            trigger:
                ".o_field_widget[name='state'] .o_arrow_button_current:contains('Being Removed')",
        },
        {
            content: "It is gone",
            trigger: ".o_field_widget[name='state'] .o_arrow_button:contains(/^Removed$/)",
            run: "click",
        },
        {
            content: "What use says stands beside it",
            trigger: ".alert:contains('Usage has not changed yet')",
        },
        {
            content: "And it is saved",
            trigger: ".o_form_view .o_form_saved",
        },
    ],
});
