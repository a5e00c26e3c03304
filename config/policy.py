"""The content security policy, which is the same for nearly every page and is built once."""

from functools import cache

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_usual = cache(build_policy)


class KeptPolicy(CSPMiddleware):
    """As the middleware that it extends; an answer that asks for nothing has the usual policy."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Write the header."""
        asks = any(name.startswith("_csp") for name in vars(response))
        if asks or getattr(request, "_csp_nonce", None) is not None:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, _usual())
        # Asking for a nonce from here on is a mistake, and is told as one.
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response
