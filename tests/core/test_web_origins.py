"""Web origins."""

import pytest

from turnkeeper.core.errors import StartError
from turnkeeper.core.web_origins import pattern_of
from turnkeeper.settings import load


@pytest.mark.parametrize(
    ("setting", "origin", "fits"),
    [
        ("https://shop.example", "https://shop.example", True),
        ("https://Shop.example", "https://shop.example", True),
        ("https://shop.example", "http://shop.example", False),
        ("https://shop.example", "https://shop.example:8443", False),
        ("https://shop.example", "https://shopxexample", False),
        ("https://shop.example", "https://shop.example.evil.example", False),
        ("https://*.shop.example", "https://a.b.shop.example", True),
        ("https://*.shop.example", "https://shop.example", False),
        ("https://*.shop.example", "https://evil.example/.shop.example", False),
        ("http://localhost:5173", "http://localhost:5173", True),
        ("*", "https://anybody.example", True),
    ],
)
def test_an_origin_is_meant_or_not(setting: str, origin: str, *, fits: bool) -> None:
    assert bool(pattern_of(["http://other.example", setting]).fullmatch(origin)) is fits


@pytest.mark.parametrize("setting", ["https://shop.example/", "shop.example", "https://shop.example/a", "https://a b"])
def test_what_is_no_origin_is_refused_at_the_start(setting: str) -> None:
    with pytest.raises(StartError, match="CORS_ORIGINS"):
        load({"TURNKEEPER_CORS_ORIGINS": f"http://localhost:5173, {setting}"})
