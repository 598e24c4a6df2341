from . import test_dashboard
from . import test_tiles
from . import test_tour
