from odoo import api, fields, models

from ..common.known_float import KnownFloat

# What a template leaves for people to fill in.
BLANK = "…"

CHECKS = [("yes", "Yes"), ("no", "No")]
RATINGS = [
    ("1", "1 - None"),
    ("2", "2 - Little"),
    ("3", "3 - Some"),
    ("4", "4 - Good"),
    ("5", "5 - Strong"),
]

# What a complete plan answers. Project data, such as time and budget, is not among it.
ANSWERED = (
    "success_definition",
    "intended_use",
    "choice_assumption",
    "relies_on_mandate",
    "internal_programme",
    "organisational_measures",
    "expertise",
    "tools",
    "capacity",
    "complexity",
    "leaders_commit_resources",
    "leaders_seek_barriers",
    "leaders_ask_users",
    "leaders_reward_use",
    "sustaining_plan",
    "new_hire_plan",
    "upgrade_plan",
)
LEADERSHIP = (
    "leaders_commit_resources",
    "leaders_seek_barriers",
    "leaders_ask_users",
    "leaders_reward_use",
)


class CustomerSuccessPlanContent(models.AbstractModel):
    """What a success plan says; shared by plans and the templates that they start from."""

    _name = "customer.success.plan.content"
    _description = "Content of a Success Plan"

    why_bought = fields.Text(help="Why they bought, in the words of who sold it.")
    promised = fields.Text(help="What was promised to them.")
    success_definition = fields.Text(
        "What Success Is", help="In the customer's own words: a result, not a go-live date."
    )
    intended_use = fields.Text(
        help="Who should use what, how, when, how often: what use is measured against."
    )
    choice_assumption = fields.Text(
        "If People Could Choose",
        help="People always have a choice. What would we do differently if we assumed so?",
    )
    relies_on_mandate = fields.Selection(
        CHECKS,
        "Relies on a Mandate",
        help="“They must use it” changes nothing in how they use it: a risk, never a plus.",
    )
    internal_programme = fields.Selection(
        [("none", "None"), ("planned", "Planned"), ("running", "Running")],
        "Their Own Programme",
        help="Does the customer run a success programme of its own?",
    )
    organisational_measures = fields.Text(
        help="What changes in processes, roles, routines and expectations; not what each person gains."
    )
    expertise = fields.Selection(RATINGS, help="The customer's skills to bring adoption about.")
    tools = fields.Selection(RATINGS, help="The customer's means to see and steer adoption.")
    capacity = fields.Selection(RATINGS, help="The time its people have for it.")
    complexity = fields.Text(
        "Environment", help="What makes their environment complex or unlike others."
    )
    leaders_commit_resources = fields.Selection(
        CHECKS,
        help="They do not expect that use will come by itself: time and people are committed.",
    )
    leaders_seek_barriers = fields.Selection(
        CHECKS, help="They know how to find out what stops people."
    )
    leaders_ask_users = fields.Selection(
        CHECKS, help="They do not think they know all barriers: users were asked, not only leaders."
    )
    leaders_reward_use = fields.Selection(
        CHECKS, help="People are rewarded for more than going live on time and within the budget."
    )
    sustaining_plan = fields.Text(help="How use is kept up year after year.")
    new_hire_plan = fields.Text("New Hires", help="How new people are brought in.")
    upgrade_plan = fields.Text("Upgrades", help="How new versions are adopted.")
    completeness = KnownFloat(
        "Complete %",
        compute="_compute_completeness",
        store=True,
        digits=(5, 1),
        help="Share of the plan's questions that are answered. A sentence that still has a blank (…) in it "
        "is not an answer.",
    )

    @api.depends(*ANSWERED)
    def _compute_completeness(self):
        for content in self:
            answered = sum(map(content._answers, ANSWERED))
            content.completeness = 100.0 * answered / len(ANSWERED)

    def _answers(self, name):
        """Whether a question of the plan is answered; a template's sentence with a blank in it is not."""
        self.ensure_one()
        return bool((self[name] or "").strip()) and BLANK not in self[name]

    @api.model
    def _content_fields(self):
        """The names of the fields that a template passes on."""
        content = self.env["customer.success.plan.content"]._fields
        return [name for name in content if name not in ("id", "display_name", "completeness")]
