from .trigger import Trigger, register


@register
class Answer(Trigger):
    """A trigger: a current answer is a concern or a blocker."""

    code = "answer"
    label = "A worrying answer"
    parameters = ("signal",)
    causes = """
    SELECT play.id, customer.id,
           answer.id::text,
           answer.date,
           jsonb_build_object('question', answer.question_id, 'signal', answer.signal)
      FROM customer_success_answer answer
      JOIN customer ON customer.id = answer.partner_id
      JOIN play ON play.trigger = 'answer' AND FITS
     WHERE answer.partner_id IN_SCOPE
       AND answer.is_current
       AND (answer.signal = 'blocker' OR answer.signal = 'concern' AND play.signal = 'concern')
       AND answer.date BETWEEN play.date_start AND %(today)s
    """

    def explanation(self, _):
        return _("Starts when a current answer is a concern or a blocker.")

    def reason(self, words, facts):
        return words._(
            "The answer to “%(question)s” is a %(signal)s",
            question=facts["question"],
            signal=words.label("customer.success.answer", "signal", facts["signal"]),
        )
