import { inputFiles } from "@web/../tests/utils";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const form = ".o_success_file_load";

const open = (path) => [
    {
        content: "Choose a file",
        trigger: `${form} .o_field_widget[name='file']`,
        async run() {
            const response = await fetch(`/customer_success/static/tests/files/${path}`);
            const file = new File([await response.blob()], path, { type: "text/csv" });
            await inputFiles(`${form} .o_field_widget[name='file'] input[type='file']`, [file]);
        },
    },
    {
        content: "It is uploaded",
        trigger: `${form} .o_field_widget[name='file'] .o_clear_file_button`,
    },
    {
        trigger: `${form} button[name='action_read']`,
        run: "click",
    },
    {
        content: "The columns are proposed",
        trigger: `${form} .o_field_widget[name='column_ids'] .o_data_row`,
    },
];

const choose = (list, row, cell, label) => [
    {
        trigger: `${form} .o_field_widget[name='${list}'] .o_data_row:contains('${row}') td[name='${cell}']`,
        run: "click",
    },
    {
        trigger: `${form} .o_field_widget[name='${list}'] .o_selected_row td[name='${cell}'] input`,
        run: "click",
    },
    {
        trigger: `.o_select_menu_item:contains('${label}')`,
        run: "click",
    },
];

const next = [
    {
        trigger: `${form} button[name='action_match']`,
        run: "click",
    },
];

const load = [
    {
        content: "The preview shows the first rows, and nothing that would be refused",
        trigger: `${form} .o_success_preview:not(:has(.text-danger))`,
    },
    {
        trigger: `${form} button[name='action_load']`,
        run: "click",
    },
];

const landed = (created) => [
    {
        content: created ? "Rows are new" : "Nothing changed",
        trigger: created
            ? ".o_form_view .o_field_widget[name='created']:contains(/^[1-9]/)"
            : ".o_form_view:has(.o_field_widget[name='created']:contains(/^0$/)):has(.o_field_widget[name='updated']:contains(/^0$/))",
    },
    {
        trigger: ".o_form_view .o_field_widget[name='rejected']:contains(/^0$/)",
    },
];

const again = (menu) => [
    {
        trigger: "button[data-menu-xmlid='customer_success.customer_success_menu_customers']",
        run: "click",
    },
    {
        trigger: `a[data-menu-xmlid='customer_success.${menu}']`,
        run: "click",
    },
];

/** An export is loaded as it is, twice; the second time nothing changes. */
for (const system of ["salesforce", "gainsight", "planhat", "stripe", "chargebee"]) {
    const once = (created) => [...open(`${system}.csv`), ...next, ...load, ...landed(created)];
    tours.add(`customer_success_file_${system}`, {
        steps: () => [...once(true), ...again("customer_success_menu_intake"), ...once(false)],
    });
}

tours.add("customer_success_file_hubspot", {
    steps: () => [
        ...open("hubspot.csv"),
        ...next,
        ...choose("value_ids", "Onboarding finished", "ours", "First use"),
        {
            trigger: `${form} button[name='action_preview']`,
            run: "click",
        },
        {
            content: "Keep what was chosen",
            trigger: `${form} .o_field_widget[name='keep_as'] input`,
            run: "edit HubSpot companies",
        },
        ...load,
        ...landed(true),
        ...again("customer_success_menu_intake"),
        ...open("hubspot.csv"),
        ...next,
        {
            content: "The value is known",
            trigger: `${form} .o_field_widget[name='value_ids'] .o_data_row:contains('Onboarding finished') td[name='ours']:contains('First use')`,
        },
        {
            trigger: `${form} button[name='action_preview']`,
            run: "click",
        },
        ...load,
        ...landed(false),
    ],
});

tours.add("customer_success_file_churnzero", {
    steps: () => [
        ...open("churnzero.csv"),
        ...next,
        {
            content: "March or April is asked",
            trigger: `${form} .alert-danger:contains('with the day or with the month first')`,
        },
        ...choose("column_ids", "nextRenewalDate", "form", "Month first"),
        ...choose("column_ids", "startDate", "form", "Month first"),
        ...next,
        {
            trigger: `${form} .o_success_preview:contains('2027-03-04')`,
        },
        {
            trigger: `${form} .o_field_widget[name='keep_as'] input`,
            run: "edit ChurnZero accounts",
        },
        ...load,
        ...landed(true),
        ...again("customer_success_menu_intake"),
        ...open("churnzero.csv"),
        ...next,
        ...load,
        ...landed(false),
    ],
});

const users = (created) => [
    ...open("users.csv"),
    {
        content: "Each row is one user; the product is asked",
        trigger: `${form} .o_field_widget[name='product_id'] input`,
        run: "edit Planner",
    },
    {
        trigger: ".o-autocomplete--dropdown-item:contains('Planner')",
        run: "click",
    },
    ...next,
    {
        content: "What the status of a user means is proposed",
        trigger: `${form} .o_field_widget[name='value_ids'] .o_data_row:contains('Deactivated') td[name='ours']:contains('no')`,
    },
    {
        trigger: `${form} button[name='action_preview']`,
        run: "click",
    },
    ...load,
    ...landed(created),
];

tours.add("customer_success_file_users", {
    steps: () => [...users(true), ...again("customer_success_menu_usage_intake"), ...users(false)],
});
