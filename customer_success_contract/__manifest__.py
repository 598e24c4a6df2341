{
    "name": "Customer Success: Contracts",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Create renewals from contracts, with their outcome and reason",
    "author": "The customer_success maintainers",
    "license": "AGPL-3",
    "depends": ["customer_success", "contract"],
    "data": [
        "data/ir_cron_data.xml",
        "views/contract_contract_views.xml",
    ],
    "auto_install": True,
}
