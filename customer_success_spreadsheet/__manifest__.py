{
    "name": "Customer Success: Spreadsheet Dashboard",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "The book of customers in Odoo's app Dashboards",
    "author": "The customer_success maintainers",
    "license": "LGPL-3",
    "depends": ["customer_success", "spreadsheet_dashboard"],
    "data": ["data/spreadsheet_dashboard_data.xml"],
    "assets": {
        "web.assets_tests": ["customer_success_spreadsheet/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
