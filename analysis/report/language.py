from analysis.language import *  # noqa
