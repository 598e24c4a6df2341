def migrate(cr, version):
    """Note that figures of use showed all symptoms so far, before people may tag some themselves."""
    cr.execute("ALTER TABLE customer_success_symptom_flag ADD COLUMN IF NOT EXISTS source varchar")
    cr.execute("UPDATE customer_success_symptom_flag SET source = 'measured' WHERE source IS NULL")
