"""The worded steps in which people assess the degrees of use; ``docs/scoring.md`` has their figures."""

from ...scoring.use import STEP_FIGURES

_WORDS = {
    "as_intended": ("As intended", "Mostly as intended", "In another way", "Not at all"),
    "timely": ("The same day", "The same week", "Later", "Never"),
    "quality": ("Others can build on it", "Good enough", "Poor", "Useless"),
    "frequency": ("As often as needed", "Often", "Now and then", "Never"),
    "in_place": ("All in the system", "Mostly in the system", "Mostly elsewhere", "All elsewhere"),
    "accuracy": ("Accurate", "Small errors", "Many errors", "Nobody relies on it"),
}
# The choices of each degree: the figure as a key, and its words.
STEPS = {
    degree: [(str(figure), text) for figure, text in zip(STEP_FIGURES, words, strict=True)]
    for degree, words in _WORDS.items()
}
