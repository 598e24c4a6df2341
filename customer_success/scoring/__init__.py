"""The scoring floor: plain Python and SQL text, no Odoo.

Facts of a customer come in as one row (:mod:`.facts`), factors (:mod:`.factor`, one file each in
:mod:`.factors`) turn them into values from 0 to 100, the values become a health (:mod:`.health`) and, per
pending renewal, a risk (:mod:`.risk`), and :mod:`.engine` does so for whole batches: read a set, compute,
write a set.

Every formula, with its reasons, is in ``docs/scoring.md``; how to add a factor is in ``docs/extending.md``.
"""

from . import factors
