from . import delivery
from . import events
from . import portal
