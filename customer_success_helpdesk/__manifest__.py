{
    "name": "Customer Success: Helpdesk",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "summary": "Tickets count in the health score; work that is handed on becomes a ticket",
    "author": "The customer_success maintainers",
    "license": "AGPL-3",
    "depends": ["customer_success", "helpdesk_mgmt"],
    "data": [
        "data/customer_success_factor_data.xml",
        "views/customer_success_handoff_views.xml",
        "views/customer_success_interaction_views.xml",
    ],
    "auto_install": True,
}
