"""The models of a backtest: the addon's own, and two of well-known libraries that see the same columns."""

import importlib
import importlib.util
import sys
from bisect import bisect_left, bisect_right
from pathlib import Path
from statistics import fmean, pstdev

from backtest_table import SEED

SCORING = Path(__file__).resolve().parents[2] / "customer_success" / "scoring"
# The most knots of a curve. A position on it is three parts rank and one part measure: by measure alone a long tail
# would take all the room, by rank alone what lies far apart would be neighbours.
KNOTS = 20
BY_RANK = 0.75
FARTHEST = 4.0  # standard deviations from the mean
RANK_LENGTH = 12**0.5  # with this length, ranks have a standard deviation of 1


def load_scoring(name):
    """A module of customer_success/scoring; the addon itself would want Odoo."""
    if "scoring" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "scoring", SCORING / "__init__.py", submodule_search_locations=[str(SCORING)]
        )
        sys.modules["scoring"] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"scoring.{name}")


learning = load_scoring("learning")
shapes = load_scoring("shapes")


class Scale:
    """The positions of a column's values on its curve, made from the training rows alone; the median is near 0."""

    def __init__(self, known):
        ordered = sorted(known)
        distinct = sorted(set(ordered))
        if len(distinct) > KNOTS:
            last = len(ordered) - 1
            distinct = sorted({ordered[round(n * last / (KNOTS - 1))] for n in range(KNOTS)})
        middle, spread = fmean(known), pstdev(known)

        def position(value):
            rank = (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 / len(ordered)
            far = min(max((value - middle) / spread, -FARTHEST), FARTHEST)
            return BY_RANK * (rank - 0.5) * RANK_LENGTH + (1 - BY_RANK) * far

        self.values = distinct
        places = list(map(position, distinct))
        # The knot nearest to the middle is where the curve is 0.
        neutral = min(places, key=abs)
        self.knots = tuple(round(place - neutral, 6) + 0.0 for place in places)

    def at(self, value):
        """Return the position of a value between the knots; beyond them it is that of the nearest."""
        return shapes.Curve(tuple(self.values), self.knots).at(value)


def scales(table, training):
    """Return the :class:`Scale` of each column of numbers of which more than one value is known."""
    found = {}
    for column, values in table.numbers.items():
        known = [values[index] for index in training if values[index] is not None]
        if len(set(known)) > 1:
            found[column] = Scale(known)
    return found


def ours(table, training, testing):
    """Return the probabilities of the testing rows, as the addon learns; nothing is expected of any column."""
    predict, _shapes, _scales = learned(table, training)
    return [predict(index) for index in testing]


def learned(table, training):
    """Return ``(predict(row number), shapes by column, scales by column)``."""
    by_column = scales(table, training)
    priors = {"base": learning.Prior(-2.0, learning.BASE_SD)}
    priors |= {column: learning.Prior(knots=scale.knots) for column, scale in by_column.items()}
    priors |= {column: learning.Prior(words=True) for column in table.words}

    def features(index):
        found = {}
        for column, scale in by_column.items():
            if (value := table.numbers[column][index]) is not None:
                found[column] = scale.at(value)
        for column, words in table.words.items():
            if words[index] is not None:
                found[column] = words[index]
        return found

    cases = [learning.Case(features(index), table.happened[index]) for index in training]
    fitted = learning.fit(cases, priors)
    return lambda index: learning.predict(features(index), fitted), fitted, by_column


def logistic(table, training, testing):
    """Return the probabilities of scikit-learn's logistic regression.

    Numbers are standard deviations from their mean, words one column each; an unknown cell contributes nothing.
    """
    import numpy
    from sklearn.linear_model import LogisticRegression

    columns = []
    for values in table.numbers.values():
        known = [values[index] for index in training if values[index] is not None]
        spread = pstdev(known) if len(known) > 1 else 0
        if spread:
            middle = fmean(known)
            columns.append([0.0 if v is None else (v - middle) / spread for v in values])
    for words in table.words.values():
        found = sorted({words[index] for index in training} - {None})
        columns.extend([float(one == word) for one in words] for word in found)
    matrix = numpy.array(columns).T
    model = LogisticRegression(max_iter=1000)
    model.fit(matrix[training], [table.happened[index] for index in training])
    return model.predict_proba(matrix[testing])[:, 1].tolist()


def boosting(table, training, testing):
    """Return the probabilities of interpret's explainable boosting, without pairs of columns."""
    import warnings

    import numpy
    from interpret.glassbox import ExplainableBoostingClassifier

    columns = [
        [float("nan") if value is None else value for value in values]
        for values in table.numbers.values()
    ] + [["" if word is None else word for word in words] for words in table.words.values()]
    kinds = ["continuous"] * len(table.numbers) + ["nominal"] * len(table.words)
    matrix = numpy.array(columns, dtype=object).T
    model = ExplainableBoostingClassifier(
        interactions=0, feature_types=kinds, random_state=SEED, n_jobs=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(matrix[training], numpy.array(table.happened)[training])
        return model.predict_proba(matrix[testing])[:, 1].tolist()
