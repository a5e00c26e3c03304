"""What a page does that nobody sees: errors in the console, requests that come to nothing."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

# The message of the console beside a request that failed, which is heard of by itself.
_TWICE = "Failed to load resource"
# A page that asks again and again is left in the middle of asking.
_LEFT = "net::ERR_ABORTED"


def listen(context: BrowserContext) -> list[str]:
    """Everything that goes wrong on a page of the context from now on, as it comes.

    A form that is refused (422) and a page that is not somebody's (403) are no faults.
    """
    wrong: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and _TWICE not in said.text:
            wrong.append(f"{said.text} at {said.page.url if said.page else '?'}")

    def answered(response: Response) -> None:
        if response.status >= 500 or (response.status == 404 and "favicon" not in response.url):
            wrong.append(f"{response.status} {response.request.method} {response.url}")

    def failed(request: Request) -> None:
        if request.failure != _LEFT:
            wrong.append(f"{request.failure} {request.method} {request.url}")

    context.on("console", hear)
    context.on("weberror", lambda thrown: wrong.append(str(thrown.error)))
    context.on("response", answered)
    context.on("requestfailed", failed)
    return wrong
