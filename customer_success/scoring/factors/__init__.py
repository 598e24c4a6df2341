"""The factors of health in this addon, one file each. Importing a file registers its factor.

A factor returns ``(value, evidence)``. A factor that knows nothing returns ``UNKNOWN``, never zero.
"""

from . import advisor, barriers, plan, progress, trend, use, value
