"""The operator's `endpoints.toml` with one endpoint and the prices of its model `small`."""

from decimal import Decimal
from pathlib import Path

Price = Decimal | float


def list_prices(
    directory: Path,
    base_url: str,
    *,
    name: str = "lab",
    api: str = "chat",
    prompt: Price = 1,
    completion: Price = 3,
    more: str = "",
) -> None:
    """Write the list; prices are per million tokens, and `more` is what follows them."""
    (directory / "endpoints.toml").write_text(
        f"""
[endpoints.{name}]
base_url = "{base_url}"
api = "{api}"

[endpoints.{name}.models.small]
input_per_million = {prompt}
output_per_million = {completion}
{more}
"""
    )
