"""The provider does not answer: the sign-in page says so, and the password still works."""

from __future__ import annotations

import pytest

from neiic.starter.ports import free_port
from tests.console.house import Console


@pytest.fixture
def console_settings() -> dict[str, str]:
    return {
        "oidc_issuer": f"http://localhost:{free_port()}",
        "oidc_client_id": "console",
        "oidc_client_secret": "s3cret-of-ours",
    }


def test_it_says_so(console: Console) -> None:
    browser = console.visitor()
    answer = browser.get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "统一认证暂不可用" in answer.text
    assert browser.sign_in("ndrc").status_code == 303
