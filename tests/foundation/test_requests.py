"""Queries that are not as they ought to be (`foundation.web.requests`)."""

from __future__ import annotations

import pytest
from flask import Flask, request

from foundation.web import WebOptions, prepare_app


@pytest.fixture
def app() -> Flask:
    app = Flask("portal", static_folder=None, template_folder=None)
    prepare_app(app, WebOptions(public_url="http://localhost", secret_key="x"))

    @app.get("/echo")
    def echo() -> str:
        return request.args["q"]

    @app.post("/echo")
    def form() -> list[str]:
        return sorted(request.form)

    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("q=\xfc", "%FC"),
        ("q=%fc", "%FC"),
        ("q=" + "я".encode().decode("latin-1"), "я"),
        ("q=%D1%8F&\xff\xfe=1", "я"),
        ("q=a+b%20c", "a b c"),
    ],
)
def test_bytes_that_ought_to_be_encoded_are_read_as_if_they_were(app: Flask, query: str, read: str) -> None:
    """S-61: no request is answered 500 for how it is written."""
    answer = app.test_client().get("/echo", environ_overrides={"QUERY_STRING": query})
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, read)


def test_a_field_without_a_name_is_left_out(app: Flask) -> None:
    """S-61: names are sorted, searched and compared; None is none."""
    part = "--x\r\nContent-Disposition: form-data%s\r\n\r\nvalue\r\n"
    body = part % '; name="a"' + part % "" + part % '; name="b"' + "--x--\r\n"
    answer = app.test_client().post("/echo", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.get_json() == ["a", "b"]
