"""A draft of a mapping from a data file alone: what can be recognised, and what has to be asked.

    recognised = recognise(content, name="people.csv")
    draft = draft_of(recognised, slug="my-study")

What nobody can know from a file, such as reverse keys and what a code far from the others means, is
written as a question, and a mapping with a question in it is refused. Pure.
"""
