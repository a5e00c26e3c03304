"""From a specification to whoever replies, and how a worker asks."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.conf import settings

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.apis import APIS
from llm_respondents.endpoints.dialects import DIALECTS
from llm_respondents.endpoints.file import Endpoint
from llm_respondents.errors import MissingClient
from llm_respondents.models import Panel
from llm_respondents.providers.base import Provider, read_key
from llm_respondents.runner.limits import Limits, SharedGate
from llm_respondents.runner.orders import Orders
from llm_respondents.runner.retry import RetryPolicy
from llm_respondents.runner.usable import Bounds
from llm_respondents.services.named_endpoints import endpoint_of
from llm_respondents.store.leases import draw_shared
from surveys.models import MediaFile, Study
from surveys.selectors import shown_in
from surveys.simulation import bundled_profile

if TYPE_CHECKING:
    from llm_respondents.providers.endpoint import EndpointProvider

# A scripted model replies at once: what limits a worker is its own processor.
SCRIPTED_CONCURRENCY = 200
_SHORTEST_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a worker runs, as far as it does not change what is measured. Times in seconds.

    `limits` are the worker's own, beside those that all workers of the endpoint share. A worker
    whose calls bring no session forward for `no_progress_seconds` gives up; None stands for three
    times the longest call, and at least ten minutes. With `probe`, the capabilities of an endpoint
    are probed before a panel's first session. With `first`, only so many of the panel's sessions
    are conducted, in the order of recruiting: a pilot, whose sessions count as any others do.
    Within `bounds` replies may be of no use.
    """

    limits: Limits = field(default_factory=Limits)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeout_seconds: float = 120.0
    lease_seconds: float = 60.0
    probe: bool = True
    no_progress_seconds: float | None = None
    first: int = 0
    bounds: Bounds = field(default_factory=Bounds)
    # What the worker is told while it runs; None where nobody can.
    orders: Orders | None = None

    @property
    def patience(self) -> float:
        """How long calls may be in vain."""
        if self.no_progress_seconds is None:
            return max(_SHORTEST_PATIENCE_SECONDS, 3 * self.timeout_seconds)
        return self.no_progress_seconds


def limits_of(spec: PanelSpec) -> Limits:
    """How many calls a worker makes at once where nothing else is said; it has no rates alone."""
    if spec.simulated:
        return Limits(SCRIPTED_CONCURRENCY)
    listed = endpoint_of(spec)
    return Limits((listed and listed.concurrency) or DIALECTS[spec.dialect].concurrency)


def pace_of(spec: PanelSpec, own: Limits | None = None) -> Limits:
    """What limits a worker: its `own` limits, and the rates that it shares with others."""
    own, listed = own or limits_of(spec), None if spec.simulated else endpoint_of(spec)
    if listed is None:
        return own
    requests = (own.requests_per_minute, listed.requests_per_minute)
    tokens = (own.tokens_per_minute, listed.tokens_per_minute)
    return Limits(
        own.concurrency, *(min(filter(None, each), default=0) for each in (requests, tokens))
    )


def pace_of_panel(panel: Panel, spec: PanelSpec) -> Limits:
    """`pace_of` for a worker of the queue: with as many calls at once as a member said."""
    own = limits_of(spec)
    return pace_of(spec, replace(own, concurrency=panel.concurrency or own.concurrency))


def timeout_of(spec: PanelSpec) -> int:
    """How many seconds a call may take at the panel's endpoint; 0 where the list says nothing."""
    listed = None if spec.simulated else endpoint_of(spec)
    return listed.timeout_seconds if listed else 0


def queue_options(spec: PanelSpec) -> RunOptions:
    """How a worker of the queue runs a panel: nobody is there to say more than the settings do."""
    return RunOptions(
        limits_of(spec),
        timeout_seconds=timeout_of(spec) or settings.PANEL_TIMEOUT_SECONDS,
        lease_seconds=settings.PANEL_LEASE_SECONDS,
    )


def shared_gate(listed: Endpoint | None) -> SharedGate | None:
    """The rates that all workers of a listed endpoint share; None where it has none."""
    if listed is None or not (listed.requests_per_minute or listed.tokens_per_minute):
        return None
    limits = Limits(
        requests_per_minute=listed.requests_per_minute, tokens_per_minute=listed.tokens_per_minute
    )
    return SharedGate(limits, partial(draw_shared, listed.base_url))


def require_provider(spec: PanelSpec) -> None:
    """Find out what is missing before anything is made or begun.

    Raises `MissingKey`, `MissingClient` and `surveys.simulation.SimulationError`.
    """
    if spec.simulated:
        bundled_profile(spec.profile)
        return
    read_key(spec.api_key_env)
    terms = APIS[spec.api]
    if terms.package and not _is_installed(terms.package):
        raise MissingClient(spec.api, terms.extra)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        # Nor is the package around it.
        return False


def make_provider(study: Study, spec: PanelSpec, options: RunOptions) -> Provider:
    """Make whoever replies to a panel's requests."""
    if spec.simulated:
        return _scripted(study, spec)
    return make_endpoint_provider(
        spec, options, pictures_of(study) if spec.pictures == "sent" else {}
    )


def pictures_of(study: Study) -> dict[str, str]:
    """The pictures of a study in every language, in base 64, by their checksums."""
    named = [sha256 for sha256, _type in shown_in(study)]
    rows = MediaFile.objects.filter(sha256__in=named, type__startswith="image/")
    return {
        sha256: b64encode(bytes(content)).decode()
        for sha256, content in rows.values_list("sha256", "content")
    }


def _scripted(study: Study, spec: PanelSpec) -> Provider:
    from llm_respondents.providers.scripted import ScriptedProvider
    from surveys.services.rehearsal import answer_keys

    return ScriptedProvider(profile=bundled_profile(spec.profile), keys=answer_keys(study))


def make_endpoint_provider(
    spec: PanelSpec, options: RunOptions, pictures: Mapping[str, str] | None = None
) -> "EndpointProvider":
    """Make whoever replies at the endpoint of a specification; `pictures` as of `pictures_of`."""
    # A client takes two seconds to load; only a worker that calls an endpoint pays for it.
    from llm_respondents.providers.apis.shape import Sampling, merged
    from llm_respondents.providers.endpoint import endpoint_provider

    dialect, sampling = DIALECTS[spec.dialect], spec.sampling
    is_chat = spec.api == "chat"
    default = dialect.default_temperature if is_chat else None
    return endpoint_provider(
        model=spec.model,
        api=spec.api,
        base_url=spec.base_url,
        api_key_env=spec.api_key_env,
        sampling=Sampling(
            temperature=default if sampling.temperature is None else sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            token_parameter=dialect.token_parameter,
            seed_parameter=dialect.seed_parameter,
            sends_seed=sampling.sends_seed,
            reasoning_effort=sampling.reasoning_effort,
            extra=merged(dialect.extra if is_chat else {}, spec.extra_body),
        ),
        timeout_seconds=options.timeout_seconds,
        concurrency=options.limits.concurrency,
        pictures=pictures or {},
    )
