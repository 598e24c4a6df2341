import { registry } from "@web/core/registry";

// A CSM who may see half of a group opens its head, the tree, and the barriers of all of it.
registry.category("web_tour.tours").add("customer_success_group", {
    steps: () => [
        {
            content: "The page of the group stands on the form of its head",
            trigger: ".o_notebook_headers a[name='success_group']",
            run: "click",
        },
        {
            content: "It lists the customers that I may see",
            trigger: ".o_field_widget[name='success_group_ids'] .o_data_row:contains('Tour Mine')",
        },
        {
            content: "It names no other one",
            trigger:
                ".o_field_widget[name='success_group_ids']:not(:contains('Tour Theirs')):not(:contains('Tour Deep'))",
        },
        {
            content: "The highest risk is that of my half",
            trigger: ".o_field_widget[name='success_group_riskiest_id']:contains('Tour Mine')",
        },
        {
            content: "Open the tree",
            trigger: "button[name='action_success_group']",
            run: "click",
        },
        {
            content: "The head is there",
            trigger: ".o_hierarchy_node:contains('Tour Head')",
        },
        {
            content: "My subsidiary stands below it",
            trigger: ".o_hierarchy_node:contains('Tour Mine')",
        },
        {
            content: "Neither the other half nor customers of no group are there",
            trigger:
                ".o_hierarchy_renderer:not(:contains('Tour Theirs')):not(:contains('Tour Deep')):not(:contains('Tour Customer'))",
        },
        {
            content: "Back to the head",
            trigger: ".o_hierarchy_node_container:contains('Tour Head') .o_hierarchy_node",
            run: "click",
        },
        {
            content: "Its barriers: of this company only",
            trigger: "button.oe_stat_button[name='action_success_barriers']",
            run: "click",
        },
        {
            content: "The switch is off",
            trigger: ".o_searchview_facet:contains('This Company')",
        },
        {
            content: "Only the barrier of the head is there",
            trigger:
                ".o_kanban_renderer:contains('Barrier of the head'):not(:contains('Barrier of mine'))",
        },
        {
            content: "Open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Switch to the subsidiaries",
            trigger: ".o_filter_menu .o-dropdown-item:contains('With Subsidiaries')",
            run: "click",
        },
        {
            content: "Now that of my subsidiary is there, too, and no other one",
            trigger:
                ".o_kanban_renderer:contains('Barrier of the head'):contains('Barrier of mine'):not(:contains('Barrier of theirs'))",
        },
    ],
});
