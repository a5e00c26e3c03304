"""Parameters of an address that a recruiter signed: a JSON Web Token that came along with them.

References: RFC 7515 and 7518 (RS256), RFC 7517 (keys), RFC 7519 (claims); Prolific, “Retrieve JSON
Web Key Set”: signature by `kid`, `exp`, `aud`, and the claim that holds the parameters.
"""

import json
from base64 import urlsafe_b64decode
from binascii import Error as NoBase64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

Keys = Mapping[str, RSAPublicKey]
LONGEST_TOKEN = 4_000
_SMALLEST_KEY = 2048
_ALGORITHM = "RS256"


@dataclass(frozen=True, slots=True)
class Signing:
    """How a recruiter signs: the parameter that carries the token, where its public keys are, who
    says so (`iss`), and in which claim the signed parameters stand.
    """

    parameter: str
    keys_at: str
    issuer: str
    claim: str


def key_of(token: str) -> str:
    """The name of the key that a token says it was signed with; empty where it says none."""
    return str(_read(token.partition(".")[0]).get("kid", ""))


def read_keys(content: bytes) -> dict[str, RSAPublicKey]:
    """The keys of a JSON Web Key Set by their names; what cannot be used is left out."""
    try:
        listed = json.loads(content)["keys"]
    except (ValueError, KeyError, TypeError):
        return {}
    if not isinstance(listed, list):
        return {}
    found = {str(one.get("kid", "")): _key(one) for one in listed if isinstance(one, dict)}
    return {name: key for name, key in found.items() if name and key is not None}


def signed_parameters(
    token: str, keys: Keys, signing: Signing, *, address: str, now: float
) -> Mapping[str, str]:
    """The parameters that the token vouches for at this `address`; none where it is not valid.

    `address` is the study's as the recruiter has it, without its question; `now` are seconds since
    1970. A token for another site, or for another page of this one, is worth nothing here.
    """
    head, _dot, rest = token.partition(".")
    body, _dot, signature = rest.partition(".")
    key = keys.get(key_of(token))
    if key is None or len(token) > LONGEST_TOKEN or _read(head).get("alg") != _ALGORITHM:
        return {}
    try:
        key.verify(_bytes(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return {}
    claims = _read(body)
    said = claims.get(signing.claim)
    valid = claims.get("iss") == signing.issuer and _is_not_over(claims, now)
    if not (valid and _is_for(claims.get("aud"), address) and isinstance(said, dict)):
        return {}
    return {str(name): value for name, value in said.items() if isinstance(value, str)}


def _is_not_over(claims: Mapping[str, Any], now: float) -> bool:
    until = claims.get("exp")
    return isinstance(until, int | float) and not isinstance(until, bool) and now < until


def _is_for(audience: object, address: str) -> bool:
    """Whether one of the audiences is this site, or this page of it."""
    here = urlsplit(address)
    audiences = audience if isinstance(audience, list) else [audience]
    for one in filter(lambda one: isinstance(one, str), audiences):
        try:
            there = urlsplit(one if "//" in one else f"//{one}")
        except ValueError:
            continue
        if there.netloc == here.netloc and there.path in ("", "/", here.path):
            return True
    return False


def _key(one: Mapping[str, Any]) -> RSAPublicKey | None:
    """A key that signs as we expect it; None for any other."""
    if one.get("kty") != "RSA" or one.get("alg", _ALGORITHM) != _ALGORITHM:
        return None
    try:
        numbers = [int.from_bytes(_bytes(str(one[name]))) for name in ("e", "n")]
        key = RSAPublicNumbers(*numbers).public_key()
    except (KeyError, ValueError):
        return None
    return key if key.key_size >= _SMALLEST_KEY else None


def _read(part: str) -> Mapping[str, Any]:
    """A part of a token as the object that it is; an empty one where it is none."""
    try:
        value = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _bytes(text: str) -> bytes:
    """What stands in URL-safe base64 without its padding. Raises `ValueError`."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NoBase64, ValueError) as error:
        raise ValueError("no base64") from error
