"""The symptoms of misuse, which the latest use of a product shows: one file for each symptom."""

from . import idle
from . import wrong_way
from . import barely_used
from . import bad_data
from . import no_data
