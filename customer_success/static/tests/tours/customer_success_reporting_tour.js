import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");
const openReport = (menu) => [
    stepUtils.showAppsMenuItem(),
    {
        content: "Open the app",
        trigger: ".o_app[data-menu-xmlid='customer_success.customer_success_menu_root']",
        run: "click",
    },
    {
        content: "Open the reports",
        trigger: "button[data-menu-xmlid='customer_success.customer_success_menu_report']",
        run: "click",
    },
    {
        content: "Choose one",
        trigger: `a[data-menu-xmlid='customer_success.${menu}']`,
        run: "click",
    },
];
const tile = (label, value) =>
    `.o_success_dashboard button:has(div:contains('${label}')):has(.fs-3:contains(/^${value}$/))`;

tours.add("customer_success_dashboard", {
    steps: () => [
        ...openReport("customer_success_menu_dashboard"),
        {
            content: "Choose a CSM",
            trigger: ".o_field_widget[name='user_id'] input",
            run: "edit test_lead_csm",
        },
        {
            content: "The one that was found",
            trigger: ".o-autocomplete--dropdown-item:contains('test_lead_csm')",
            run: "click",
        },
        {
            content: "The figures are those of the CSM: two customers, three barriers",
            trigger: tile("Customers", 2),
        },
        {
            trigger: tile("Open barriers", 3),
        },
        {
            content: "Look a year back",
            trigger: ".o_field_widget[name='period'] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('The Last Year')",
            run: "click",
        },
        {
            content: "Something moved in a year",
            trigger: ".o_success_dashboard td:contains('Tour First')",
        },
        {
            content: "Open what the tile counts",
            trigger: tile("Open barriers", 3),
            run: "click",
        },
        {
            content: "As many as the tile says",
            trigger: ".o_pager_limit:contains(/^3$/)",
        },
        {
            trigger: ".o_data_row:contains('First Obstacle')",
        },
        {
            content: "Back to the dashboard, which is as it was left",
            trigger: ".breadcrumb-item:contains('Dashboard') a, .o_back_button",
            run: "click",
        },
        {
            content: "Open the customers",
            trigger: tile("Customers", 2),
            run: "click",
        },
        {
            content: "In the list of this app",
            trigger: ".o_list_view th[data-name='success_renewal_risk']",
        },
        {
            trigger: ".o_pager_limit:contains(/^2$/)",
        },
        {
            content: "Open one",
            trigger: ".o_data_row td[name='name']:contains('Tour First')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_success_explanation",
        },
    ],
});

tours.add("customer_success_workbook_schedule", {
    steps: () => [
        ...openReport("customer_success_menu_workbook_schedule"),
        {
            content: "Plan one",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Name it",
            trigger: ".o_field_widget[name='name'] input",
            run: "edit Mondays at eight",
        },
        {
            content: "An hour",
            trigger: ".o_field_widget[name='hour'] input",
            run: "edit 08:30",
        },
        {
            content: "To whom",
            trigger: ".o_field_widget[name='recipient_ids'] input",
            run: "edit test_manager",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('test_manager')",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "It says when the next one is",
            trigger: ".o_field_widget[name='next_date']:contains(/\\d/)",
        },
        {
            content: "Do not wait for it",
            trigger: "button[name='action_send_now']:not([disabled])",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            content: "It is noted",
            trigger:
                ".o_field_widget[name='delivery_ids'] .o_data_row:contains('test_manager'):contains('Due')",
        },
    ],
});

tours.add("customer_success_workbook_kept", {
    steps: () => [
        ...openReport("customer_success_menu_workbook_schedule"),
        {
            content: "What became of it",
            trigger: ".o_data_row:contains('Mondays at eight') td[name='name']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='delivery_ids'] .o_data_row:contains('Handed to Mail')",
        },
        ...openReport("customer_success_menu_workbook_copy").slice(2),
        {
            content: "The copy is kept",
            trigger: ".o_data_row:contains('Mondays at eight'):contains('Ready') td[name='name']",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='customers']:contains(/[1-9]/)",
        },
        {
            trigger: "button[name='action_download']",
        },
    ],
});
