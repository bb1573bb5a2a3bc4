"""What people type into the board's filters."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.console.house import Console


@pytest.mark.parametrize("typed", ["2032-02", "2032年2月", "2032/2"])
def test_a_month_is_read_as_people_write_it(console: Console, typed: str) -> None:
    path = f"/deadlines?{urlencode({'month': typed})}"
    text = console.client_as("ndrc").shows(path, "2032年2月29日")
    assert "2034年6月1" not in text


@pytest.mark.parametrize("typed", ["2032-13", "February", "1-1", "2032"])
def test_what_is_no_month_has_no_list(console: Console, typed: str) -> None:
    path = f"/deadlines?{urlencode({'month': typed})}"
    assert console.client_as("ndrc").get(path).status_code == 404
