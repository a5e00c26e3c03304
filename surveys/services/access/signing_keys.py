"""The public keys by which recruiters sign addresses: fetched where they publish them, and kept."""

from collections.abc import Callable

from django.core.cache import cache

from surveys.recruiters.signatures import Keys, Signing, key_of, read_keys

KEPT_SECONDS = 24 * 60 * 60
# So long nobody is asked again, whatever came of it: a person waits for the answer.
PAUSE_SECONDS = 5 * 60
CALL_SECONDS = 3.0
_LARGEST = 100_000
Fetch = Callable[[str], bytes]


def keys_for(*, signing: Signing, token: str, fetch: Fetch | None = None) -> Keys:
    """The recruiter's keys, with the one that the token was signed with if it is published.

    Kept for a day; a name that is not known is asked for at once, since keys are replaced.
    Empty where the recruiter does not answer.
    """
    place = f"signing_keys:{signing.keys_at}"
    keys = read_keys(cache.get(place, b""))
    if key_of(token) in keys:
        return keys
    if not cache.add(f"{place}:asked", True, PAUSE_SECONDS):
        return keys
    if content := (fetch or _fetched)(signing.keys_at):
        cache.set(place, content, KEPT_SECONDS)
        return read_keys(content)
    return keys


def _fetched(address: str) -> bytes:
    """What stands at an address; nothing where nobody answers, or with something else."""
    import httpx2  # only where an address is signed

    try:
        reply = httpx2.get(address, timeout=CALL_SECONDS, follow_redirects=False)
    except httpx2.HTTPError:
        return b""
    return reply.content[:_LARGEST] if reply.status_code == 200 else b""
