{
    "name": "Customer Success: Subscriptions",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Create renewals from subscriptions, with their outcome and reason",
    "author": "The customer_success maintainers",
    "license": "AGPL-3",
    "depends": ["customer_success", "subscription_oca"],
    "data": [
        "data/ir_cron_data.xml",
        "views/sale_subscription_views.xml",
    ],
    "auto_install": True,
}
