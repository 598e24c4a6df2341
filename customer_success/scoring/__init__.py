"""The scoring floor: plain Python and SQL text, no Odoo.

The facts of a customer come in as one row (:mod:`.facts`). Factors (:mod:`.factor`, one file each in
:mod:`.factors`) turn them into values from 0 to 100. The values become a health score (:mod:`.health`) and,
for each pending renewal, a churn risk (:mod:`.risk`). :mod:`.engine` does this for whole batches: it reads
a set, computes it and writes a set.

``docs/scoring.md`` has every formula with its reasons; ``docs/extending.md`` shows how to add a factor.
"""

from . import factors
