"""Numbered pages of rows that somebody sorted, which cost the same wherever they stand."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class KeyedPaginator(Paginator[Any]):
    """Pages of a query or a list; of a query the keys of a page are found before its rows are read.

    A database makes whole rows of all that it skips: with what is counted beside each, the last
    page of twenty thousand sessions took a second. Keys alone are skipped by the thousand. Where
    another table knows the order and the keys, `keys` asks that one, in that order, for both.
    """

    def __init__(
        self,
        rows: QuerySet[Any] | Sequence[Any],
        per_page: int,
        keys: QuerySet[Any, int] | None = None,
    ) -> None:
        super().__init__(rows if keys is None else keys, per_page)
        self._rows = rows
        self._keys = keys

    def page(self, number: int | str) -> Page[Any]:
        """The page with this number, from 1. Raises as `Paginator.page` does."""
        valid = self.validate_number(number)
        start = (valid - 1) * self.per_page
        return Page(self._shown(slice(start, start + self.per_page)), valid, self)

    def _shown(self, part: slice) -> Sequence[Any]:
        if not isinstance(self._rows, QuerySet):
            return self._rows[part]
        if self._keys is None:
            keys = list(self._rows.values_list("pk", flat=True)[part])
            return list(self._rows.filter(pk__in=keys))
        keys = list(self._keys[part])
        found = self._rows.in_bulk(keys)
        return [found[key] for key in keys if key in found]
