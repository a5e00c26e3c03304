"""Messages to members, which nobody who takes part has."""

from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest

from surveys.views.visitors.error_pages import is_of_participants


class MessagesToMembers(MessageMiddleware):
    """Django's, but that it makes nothing ready on pages that show no messages."""

    def process_request(self, request: HttpRequest) -> None:
        """Make ready what messages are kept in."""
        if not is_of_participants(request):
            super().process_request(request)
