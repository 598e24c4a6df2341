from odoo import api, fields, models

from ...scoring.said import BLANK, fault
from ..common.known_float import KnownFloat

CHECKS = [("yes", "Yes"), ("no", "No")]
RATINGS = [
    ("1", "1 - None"),
    ("2", "2 - Little"),
    ("3", "3 - Some"),
    ("4", "4 - Good"),
    ("5", "5 - Strong"),
]
PROGRAMMES = [("none", "None"), ("planned", "Planned"), ("running", "Running")]
# The measures of a plan, one field for each area of change.
MEASURES = ("measure_process", "measure_role", "measure_routine", "measure_expectation")
LEADERS = (
    "leaders_commit_resources",
    "leaders_seek_barriers",
    "leaders_ask_users",
    "leaders_reward_use",
)
CAPABILITY = ("expertise", "tools", "capacity")

# The fields that a complete plan fills in. Project data, such as time and budget, is not among them.
ANSWERED = (
    "success_definition",
    "intended_use",
    "choice_assumption",
    "relies_on_mandate",
    "internal_programme",
    *MEASURES,
    *CAPABILITY,
    "complexity_level",
    "routine_fit",
    *LEADERS,
    "sustaining_plan",
    "new_hire_plan",
    "upgrade_plan",
)


class CustomerSuccessPlanContent(models.AbstractModel):
    """The content of a success plan, shared by plans and plan templates."""

    _name = "customer.success.plan.content"
    _description = "Content of a Success Plan"

    bought = fields.Text("What They Bought", help="What they bought, and for whom, as sales says.")
    why_bought = fields.Text(help="The reason why they bought, in the words of the salesperson.")
    promised = fields.Text(help="The promises that were made to them.")
    introduction = fields.Text(
        "How They Introduce Systems",
        help="The customer's own way of introducing a new system: who decides, in which steps, with whose help.",
    )
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
    measure_process = fields.Text(
        "Measures: Processes and Policies", help="The measures that change processes and policies."
    )
    measure_role = fields.Text(
        "Measures: Roles and Responsibilities",
        help="The measures that change roles and responsibilities.",
    )
    measure_routine = fields.Text(
        "Measures: Daily Routines and Habits",
        help="The measures that change daily routines and habits.",
    )
    measure_expectation = fields.Text(
        "Measures: Expectations and Evaluation",
        help="The measures that change what is expected of people and how their work is evaluated.",
    )
    organisational_measures = fields.Text(
        help="Measures that belong to no single area of change. They do not count as an answer to an area."
    )
    personal_benefits = fields.Text(
        "What Each Person Gains",
        help="The benefits for the people who use the system. They change nothing in the organisation, so they are no measure.",
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
        help="Describe what makes their environment complex or different from others. The two choices above it are the answer.",
    )
    leaders_commit_resources = fields.Selection(
        CHECKS,
        "Leaders Commit Time and People",
        help="Leaders commit time and people, and do not expect use to come by itself.",
    )
    committed_resources = fields.Char(
        "Time and People Committed",
        help="The time and the people that leaders have committed, such as two key users for a day a week.",
    )
    leaders_seek_barriers = fields.Selection(
        CHECKS,
        "Leaders Know How to Find Barriers",
        help="Leaders know how to find out what stops people.",
    )
    leaders_ask_users = fields.Selection(
        CHECKS,
        "Leaders Have Asked Users",
        help="Users were asked about barriers, not only leaders.",
    )
    leaders_reward_use = fields.Selection(
        CHECKS,
        "Leaders Reward More than Go-Live",
        help="Leaders motivate and reward their people for more than being on time and within the budget.",
    )
    sustaining_plan = fields.Text(help="Describe how use is kept up year after year.")
    new_hire_plan = fields.Text(
        "New Hires", help="Describe how new people learn to work in the system."
    )
    upgrade_plan = fields.Text("Upgrades", help="Describe how new versions are adopted.")
    unanswered = fields.Char(
        compute="_compute_completeness",
        store=True,
        help="The names of the questions without an answer, which the score reads.",
    )
    completeness = KnownFloat(
        "Complete %",
        compute="_compute_completeness",
        store=True,
        digits=(5, 1),
        help="The percentage of the plan's questions that are answered. A text that still contains a blank (…), has "
        "less than two words or repeats the text of another question does not count as an answer.",
    )

    @api.depends(lambda self: self._questions())
    def _compute_completeness(self):
        questions = self._questions()
        for content in self:
            missing = content._gaps()
            content.unanswered = " ".join(missing)
            content.completeness = 100.0 * (len(questions) - len(missing)) / len(questions)

    @api.model
    def _questions(self):
        """Return the names of the questions that this model asks, in the order of the form."""
        return [name for name in ANSWERED if name in self._fields]

    def _gaps(self):
        """Return ``{question: fault}`` of the questions without an answer; see :func:`scoring.said.fault`."""
        self.ensure_one()
        # What each person gains is no measure in the organisation either.
        gaps, given = {}, [self.personal_benefits or ""]
        for name in self._questions():
            value = self[name]
            if self._fields[name].type != "text":
                found = None if value else "empty"
            elif not (found := fault(value, given)):
                given.append(value)
            if found:
                gaps[name] = found
        return gaps

    def _answers(self, name):
        """Return True if a question of the plan is answered."""
        self.ensure_one()
        return name not in self._gaps()

    def _says(self, name):
        """Return True if a text is there and has no blank to fill in, whether or not the plan asks for it."""
        self.ensure_one()
        return bool((self[name] or "").strip()) and BLANK not in self[name]

    @api.model
    def _content_fields(self):
        """Return the names of the fields that a template fills in."""
        content = self.env["customer.success.plan.content"]._fields
        computed = ("id", "display_name", "completeness", "unanswered")
        return [name for name in content if name not in computed]
