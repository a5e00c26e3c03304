"""An endpoint on this machine that speaks every interface, with faults on demand; no model in it.

    with Endpoint(Behaviour(rate_limited=0.1, seed=7)) as endpoint:
        ...AsyncOpenAI(base_url=endpoint.base_url)...
        endpoint.requests        # every body received, in order of arrival
        endpoint.account         # what it would put on the bill

`manage.py fake_endpoint` serves it, so that a panel can be rehearsed against what endpoints do.
"""

from llm_respondents.rehearsal.faults import FAULTS, Behaviour
from llm_respondents.rehearsal.server import Endpoint

__all__ = ["FAULTS", "Behaviour", "Endpoint"]
