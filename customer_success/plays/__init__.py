"""What calls for a play: one file a trigger, joined into one statement for all plays.

Plain Python and SQL text, no Odoo: the blocks read facts in sets, and only the log of runs is written.
"""

# In the order in which they are offered
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
from . import people_gone
from . import silent
from . import falling
