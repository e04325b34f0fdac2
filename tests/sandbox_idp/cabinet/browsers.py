"""Another browser than the one of the fixture `sandbox`, for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.pages import Page, PageClient

OF_A_PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"
AS_A_PHONE: dict[str, Any] = {
    "headers": {"User-Agent": OF_A_PHONE},
    "environ_overrides": {"REMOTE_ADDR": "198.51.100.7"},
}


class PhoneClient(PageClient):
    """That of a phone, at another address."""

    def __init__(self, like: PageClient) -> None:
        super().__init__(like.client.application, like.base_url, like.prefix)

    def get(self, path: str, status: int = 200, **kwargs: Any) -> Page:
        return super().get(path, status, **AS_A_PHONE, **kwargs)

    def post(self, path: str, data: Mapping[str, Any] | None = None, status: int = 303, **kwargs: Any) -> Page:
        return super().post(path, data, status, **AS_A_PHONE, **kwargs)
