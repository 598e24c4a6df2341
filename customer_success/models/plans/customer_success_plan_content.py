from odoo import api, fields, models

from ..common.known_float import KnownFloat

# The character that marks a blank in a template for people to fill in.
BLANK = "…"

CHECKS = [("yes", "Yes"), ("no", "No")]
RATINGS = [
    ("1", "1 - None"),
    ("2", "2 - Little"),
    ("3", "3 - Some"),
    ("4", "4 - Good"),
    ("5", "5 - Strong"),
]
PROGRAMMES = [("none", "None"), ("planned", "Planned"), ("running", "Running")]

# The fields that a complete plan fills in. Project data, such as time and budget, is not among them.
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


class CustomerSuccessPlanContent(models.AbstractModel):
    """The content of a success plan, shared by plans and plan templates."""

    _name = "customer.success.plan.content"
    _description = "Content of a Success Plan"

    why_bought = fields.Text(help="The reason why they bought, in the words of the salesperson.")
    promised = fields.Text(help="The promises that were made to them.")
    success_definition = fields.Text(
        "Definition of Success",
        help="Success in the customer's own words: a result, not a go-live date.",
    )
    intended_use = fields.Text(help="Describe who should use what, how, when and how often.")
    choice_assumption = fields.Text(
        "If People Could Choose",
        help="Describe what you would do differently if people could choose whether to use the system.",
    )
    relies_on_mandate = fields.Selection(
        CHECKS,
        "Relies on a Mandate",
        help="An order to use the system does not change how people use it. It counts as a risk, never as a strength.",
    )
    internal_programme = fields.Selection(
        PROGRAMMES,
        "Own Success Programme",
        help="Says if the customer runs a success programme of its own.",
    )
    organisational_measures = fields.Text(
        help="Describe what changes in processes, roles, routines and expectations, not what each person gains."
    )
    expertise = fields.Selection(RATINGS, help="The customer's skills for bringing about adoption.")
    tools = fields.Selection(
        RATINGS, help="The customer's tools for following and steering adoption."
    )
    capacity = fields.Selection(
        RATINGS, help="The time that the customer's people have for adoption."
    )
    complexity = fields.Text(
        "Environment",
        help="Describe what makes their environment complex or different from others.",
    )
    leaders_commit_resources = fields.Selection(
        CHECKS,
        help="Leaders commit time and people, and do not expect use to come by itself.",
    )
    leaders_seek_barriers = fields.Selection(
        CHECKS, help="Leaders know how to find out what stops people."
    )
    leaders_ask_users = fields.Selection(
        CHECKS, help="Users were asked about barriers, not only leaders."
    )
    leaders_reward_use = fields.Selection(
        CHECKS,
        help="Leaders motivate and reward their people for more than being on time and within the budget.",
    )
    sustaining_plan = fields.Text(help="Describe how use is kept up year after year.")
    new_hire_plan = fields.Text(
        "New Hires", help="Describe how new people learn to work in the system."
    )
    upgrade_plan = fields.Text("Upgrades", help="Describe how new versions are adopted.")
    completeness = KnownFloat(
        "Complete %",
        compute="_compute_completeness",
        store=True,
        digits=(5, 1),
        help="The percentage of the plan's questions that are answered. A text that still contains a blank (…) "
        "does not count as an answer.",
    )

    @api.depends(*ANSWERED)
    def _compute_completeness(self):
        for content in self:
            answered = sum(map(content._answers, ANSWERED))
            content.completeness = 100.0 * answered / len(ANSWERED)

    def _answers(self, name):
        """Return True if a question of the plan is answered; a text with a blank in it is not an answer."""
        self.ensure_one()
        return bool((self[name] or "").strip()) and BLANK not in self[name]

    @api.model
    def _content_fields(self):
        """Return the names of the fields that a template fills in."""
        content = self.env["customer.success.plan.content"]._fields
        return [name for name in content if name not in ("id", "display_name", "completeness")]
