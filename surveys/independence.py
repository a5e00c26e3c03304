"""How many independent draws inference needs, one number for planning and analysis. No Django."""

# A standard error of fewer clusters than this says nothing: intervals of a true zero at nominal
# .95 held it in .58 (two clusters) to .88 (ten) of samples.
FEWEST_CLUSTERS = 30
