def migrate(cr, version):
    """Questions had the code of their topic; now they have the topic."""
    cr.execute(
        """
        UPDATE customer_success_question question
           SET topic_id = topic.id
          FROM customer_success_topic topic
         WHERE topic.code = question.topic
           AND question.topic_id IS NULL
        """
    )
