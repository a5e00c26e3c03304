"""How the attitude-to-action models of people and language models compare.

Pure: NumPy and SciPy, no Django. ``plan`` says what is compared, ``types`` what comes out.
"""
