from odoo.tools import SQL

# The texts about rewards that asked for the leaders' own targets: table, column, old and new text.
TEXTS = (
    (
        "question",
        "name",
        "What will the leaders of this project be measured on once it is live?",
        "What do your leaders reward their people for, beyond going live on time and within the budget?",
    ),
    (
        "question",
        "purpose",
        "Leaders who are measured on date and cost lose interest when both are met.",
        "People do what their leaders reward. Where only date and budget are rewarded, the effort ends at go-live.",
    ),
    (
        "question",
        "strong_answer",
        "Part of their yearly goals is a result in the business after go-live.",
        "They thank and reward people for results with the system after go-live, and can give a case.",
    ),
    (
        "question",
        "worrying_answer",
        "On time and cost only, or they move on to the next project.",
        "For date and budget only, or for nothing at all.",
    ),
    (
        "recommendation",
        "name",
        "Ask for one goal after go-live in the leaders' yearly targets",
        "Ask the leaders to reward one result after go-live",
    ),
    (
        "recommendation",
        "advice",
        "Suggest a figure that the business reports already. It should fall due six to twelve months after go-live.",
        "Suggest a figure that the business reports already and that good use moves. Let the leaders tell their "
        "people in advance what they will reward six to twelve months after go-live.",
    ),
    (
        "recommendation",
        "name",
        "Have the sponsor name who answers for results after go-live",
        "Have the sponsor say that more than date and budget is rewarded",
    ),
    (
        "recommendation",
        "advice",
        "If the project's leaders are done on the day, somebody in line management must take over. "
        "Ask for the name and for the day of handing over.",
        "People who are rewarded for going live are done on that day. Ask the sponsor which results of use are "
        "rewarded from then on, and which leader tells the teams.",
    ),
)


def migrate(cr, version):
    """Ask what leaders reward their people for, wherever nobody has written another text."""
    for table, column, old, new in TEXTS:
        cr.execute(
            SQL(
                "UPDATE %(table)s SET %(column)s = jsonb_build_object('en_US', %(new)s::text)"
                " WHERE %(column)s ->> 'en_US' = %(old)s",
                table=SQL.identifier(f"customer_success_{table}"),
                column=SQL.identifier(column),
                old=old,
                new=new,
            )
        )
