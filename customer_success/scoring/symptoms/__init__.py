"""The ways in which a system is misused, as the latest use of a product shows them: one file a symptom."""

from . import idle
from . import wrong_way
from . import barely_used
from . import bad_data
from . import no_data
