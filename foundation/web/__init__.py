"""Web plumbing that both programs stand on; it knows no feature."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from flask import Flask
from flask.templating import Environment
from flask_wtf.csrf import CSRFProtect
from jinja2 import BytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from foundation import russian
from foundation.assets import assets
from foundation.web.cookies import PrefixSessions
from foundation.web.headers import install_headers
from foundation.web.hosts import install_host_check
from foundation.web.requests import WireRequest
from foundation.web.static import install_static


class _CompiledTemplates(BytecodeCache):
    """Compiled templates of this process: an app that is made after another one need not compile them again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code


_TEMPLATES = _CompiledTemplates()


class _Environment(Environment):
    """Flask's environment, whose templates look straight into its globals: no template here has any of its own.

    jinja2 lays a ChainMap over them for each template, and goes through it, slowly, at every import and include.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


@dataclass(frozen=True)
class WebOptions:
    """What differs between the two programs."""

    public_url: str
    """Address of the program for browsers, without a stand's prefix and without a slash at the end."""
    secret_key: str
    allowed_hosts: tuple[str, ...] = ()
    """Host names under which it may be asked; the one of `public_url` is always among them."""
    form_action: Callable[[], list[str]] = list
    """Further sources for CSP's `form-action` at this moment, beside 'self' (S-52)."""


def prepare_app(app: Flask, options: WebOptions) -> None:
    """Give `app` templates, static files, cookies, CSRF protection, host check and security headers.

    The CSRF token is a hidden field of every form (U-26) and ends with the session, so no time limit is set.
    """
    app.config.update(
        SECRET_KEY=options.secret_key,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=1024 * 1024,
    )
    app.jinja_environment = _Environment
    app.jinja_loader = FileSystemLoader(assets("templates"))
    app.jinja_env.bytecode_cache = _TEMPLATES
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(russian.FILTERS)
    app.request_class = WireRequest
    app.session_interface = PrefixSessions(options.public_url)
    app.url_map.strict_slashes = False
    install_host_check(app, options.public_url, options.allowed_hosts)
    install_static(app, assets("static"))
    install_headers(app, options)
    CSRFProtect(app)
