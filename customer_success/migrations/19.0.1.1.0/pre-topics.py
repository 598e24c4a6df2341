def migrate(cr, version):
    """Remove the choices of the topic of questions, a selection before: Odoo fails on choices of another field type."""
    cr.execute("ALTER TABLE customer_success_question ALTER COLUMN topic DROP NOT NULL")
    cr.execute(
        """
        WITH gone AS (
            DELETE FROM ir_model_fields_selection selection
                  USING ir_model_fields field
                  WHERE field.id = selection.field_id
                    AND field.model IN ('customer.success.question', 'customer.success.answer')
                    AND field.name = 'topic'
              RETURNING selection.id
        )
        DELETE FROM ir_model_data data
              USING gone
              WHERE data.model = 'ir.model.fields.selection'
                AND data.res_id = gone.id
        """
    )
