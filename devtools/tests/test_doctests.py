"""The examples in the docstrings of devtools hold."""

import doctest
import importlib
import pkgutil

import devtools


def load_tests(_loader, suite, _pattern):
    for module in pkgutil.iter_modules(devtools.__path__, "devtools."):
        if not module.ispkg:
            found = importlib.import_module(module.name)
            suite.addTests(doctest.DocTestSuite(found, test_finder=doctest.DocTestFinder()))
    return suite
