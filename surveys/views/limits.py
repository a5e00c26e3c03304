"""How often one address may try something: a calm page for people, an end for programs.

Counts live in the cache and only for minutes. Each process has its own, so that with several a
limit is that many times as wide: it stops a flood, and is no account of who came.
"""

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


@dataclass(frozen=True, slots=True)
class Limit:
    """So many `times` within so many `seconds` for one of whoever is counted."""

    name: str
    times: int
    seconds: int

    def reached(self, *who: object) -> bool:
        """Count one more try of `who`, and say whether it is one too many."""
        key = self._key(who)
        cache.add(key, 0, self.seconds)
        try:
            return cache.incr(key) > self.times
        except ValueError:
            # The window ended between the two.
            return False

    def _key(self, who: tuple[object, ...]) -> str:
        # Addresses of people are not written down, not even here.
        content = repr(who)
        return f"limit.{self.name}.{salted_hmac(f'limit.{self.name}', content).hexdigest()}"


# A class behind one address begins within seconds.
ENROLMENTS = Limit("enrolments", settings.ENROLMENTS_PER_ADDRESS, 600)
LOOK_UPS = Limit("look_ups", 2 * settings.ENROLMENTS_PER_ADDRESS, 600)
# Ids that somebody began under, without a proof of being that person.
KNOWN_IDS = Limit("known_ids", 60, 600)
RESUME_CODES = Limit("resume_codes", 10, 900)
RESUME_CODES_OF_ADDRESS = Limit("resume_codes_of_address", 60, 900)
LOGINS_OF_NAME = Limit("logins_of_name", 10, 300)
LOGINS_OF_ADDRESS = Limit("logins_of_address", 30, 300)
# The password was right before anybody is asked for a code.
SECOND_FACTORS_OF_USER = Limit("second_factors", 10, 300)
NEW_PASSWORDS_OF_ADDRESS = Limit("new_passwords", 10, 900)
NEW_PASSWORDS_OF_MAIL = Limit("new_passwords_of_mail", 3, 900)
INVITATIONS_OF_ADDRESS = Limit("invitations", 60, 900)


def client_address(request: HttpRequest) -> str:
    """Whoever is at the other end; of IPv6 the network, since each customer has a whole one.

    Behind a proxy that is what the proxy itself saw: the last entry, which no client can write.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    return network_of(str(request.META.get("REMOTE_ADDR", "")), forwarded)


def network_of(address: str, forwarded: str) -> str:
    """As `client_address`, of the address that called and the header of a proxy."""
    if settings.BEHIND_PROXY and forwarded:
        address = forwarded.rsplit(",", 1)[-1].strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
