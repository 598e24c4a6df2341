import { registry } from "@web/core/registry";

// A customer's contact works on what was shared: takes a barrier on, states authority, comments,
// and reports a figure.
registry.category("web_tour.tours").add("customer_success_portal", {
    url: "/my",
    steps: () => [
        {
            content: "Barriers are on the portal home",
            trigger: ".o_portal_index_card:not(.d-none) a[href='/my/success/barriers']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the barrier",
            trigger: ".o_success_list a:contains('Managers ask for sheets')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Take it on",
            trigger: ".o_success_own",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "State that authority was granted",
            trigger: ".o_success_record:contains('Ada') .o_success_authority",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is noted",
            trigger: ".o_success_record:contains('Granted on')",
        },
        {
            content: "Write a comment",
            trigger: "#chatterRoot:shadow .o-mail-Composer-input",
            run: "edit The weekly sheet ends this month",
        },
        {
            content: "Send it",
            trigger: "#chatterRoot:shadow .o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            content: "It stands among the messages",
            trigger:
                "#chatterRoot:shadow .o-mail-Message-body:contains('The weekly sheet ends this month')",
        },
        {
            content: "Back home",
            trigger: ".o_portal_submenu a[href='/my/home']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "To the objectives",
            trigger: ".o_portal_index_card:not(.d-none) a[href='/my/success/objectives']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the objective",
            trigger: ".o_success_list a:contains('Orders on the day')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Type the actual figure",
            trigger: "input[name='value']",
            run: "edit 42,5",
        },
        {
            content: "Report it",
            trigger: ".o_success_figure",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "What was understood is shown, and recorded",
            trigger: ".o_success_record_number:contains('Record 42.5 %')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is the newest figure",
            trigger: ".o_success_actual:contains('42.5 %')",
        },
    ],
});
