def migrate(cr, version):
    """Link questions to their topic record; before, they stored only the code of the topic."""
    cr.execute(
        """
        UPDATE customer_success_question question
           SET topic_id = topic.id
          FROM customer_success_topic topic
         WHERE topic.code = question.topic
           AND question.topic_id IS NULL
        """
    )
