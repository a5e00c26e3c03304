"""The study of the scale benchmark as its files: three scales of twenty items in four facets."""

SCALES = ("trust", "care", "sharing")
FACETS = ("a", "b", "c", "d")
ITEMS_PER_FACET = 5
REFS = tuple(
    f"{scale}.{facet}{number}"
    for scale in SCALES
    for facet in FACETS
    for number in range(1, ITEMS_PER_FACET + 1)
)


def instrument(scale: str) -> str:
    """The file of a scale."""
    options = "".join(f'  {{ value = {n}, label = {{ en = "Step {n}" }} }},\n' for n in range(1, 6))
    facets = "".join(
        f'\n[[facets]]\nkey = "{facet}"\nlabel = {{ en = "Facet {facet}" }}\n' for facet in FACETS
    )
    items = "".join(
        f'\n[[items]]\nkey = "{facet}{number}"\nfacet = "{facet}"\nresponse_scale = "agreement"\n'
        f'text.en = "Statement {number} of facet {facet} of {scale}, as long as usual."\n'
        for facet in FACETS
        for number in range(1, ITEMS_PER_FACET + 1)
    )
    return (
        f'slug = "scale-{scale}"\nversion = "1.0"\nconstruct = "{scale}"\nlanguages = ["en"]\n'
        'licence = "CC-BY-4.0"\ncitation = "Written for a benchmark."\n'
        'wording_note = "Own wording."\nreverse_keyed = []\n'
        f'title = {{ en = "{scale.title()}" }}\ninstruction = {{ en = "Do you agree?" }}\n'
        'orientation = { en = "High: more." }\n\n'
        f'[[response_scales]]\nkey = "agreement"\noptions = [\n{options}]\n{facets}{items}'
    )


def study(slug: str) -> str:
    """The file of a study."""
    blocks = "".join(
        f'\n[[blocks]]\nkey = "{scale}"\ninstrument = "scale-{scale}"\nversion = "1.0"\n'
        "items_per_page = 10\n"
        for scale in SCALES
    )
    return (
        f'slug = "{slug}"\nversion = "1.0"\nlanguages = ["en"]\n'
        f'title = {{ en = "{slug}" }}\n\n[consent]\nversion = "1.0"\n'
        'contact = "A laboratory, lab@example.org"\nstatement = { en = "I agree." }\n\n'
        '[consent.information]\nen = "What it is about: a benchmark. Taking part is voluntary."\n'
        f"{blocks}"
    )


def plan(slug: str) -> str:
    """The file of its plan."""
    constructs = "".join(
        f'\n[[constructs]]\nkey = "{scale[:3].upper()}"\nlabel = "{scale.title()}"\n'
        f'block = "{scale}"\nindicators = "facets"\n'
        for scale in SCALES
    )
    paths = "".join(
        f'\n[[paths]]\npredictor = "{one}"\noutcome = "SHA"\nsign = "+"\nsource = "T"\n'
        f'family = "{one} to sharing"\nreference = "A benchmark."\n'
        for one in ("TRU", "CAR")
    )
    draws = "\n[draws]\nbootstrap = 0\npermutations = 0\nnoise_draws = 0\n"
    return f'name = "main"\nstudy = "{slug}"\n{constructs}{paths}{draws}'
