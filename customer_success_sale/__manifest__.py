{
    "name": "Customer Success: Sales",
    "version": "19.0.2.0.0",
    "category": "Sales/CRM",
    "summary": "Create renewals from orders; show churn risk and its reasons on quotations",
    "author": "The customer_success maintainers",
    "license": "LGPL-3",
    "depends": ["customer_success", "sale"],
    "data": [
        "data/mail_activity_type_data.xml",
        "views/product_template_views.xml",
        "views/customer_success_renewal_views.xml",
        "views/sale_order_views.xml",
    ],
    "auto_install": True,
}
