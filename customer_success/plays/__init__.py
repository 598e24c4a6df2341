"""The triggers of playbooks, one file each; one statement joins them for all playbooks.

Plain Python and SQL text, no Odoo: the blocks read facts in sets, and write only the log of runs.
"""

# The order of the imports is the order of the triggers on the form.
from . import stage_entered
from . import stalled
from . import symptom
from . import answer
from . import stale
from . import no_authority
from . import risk_band
from . import renewal
from . import change_without_plan
from . import views_differ
from . import taken_over
from . import people_gone
from . import people_turned
from . import silent
from . import falling
from . import overuse
from . import no_conversation
from . import capability
from . import nobody
