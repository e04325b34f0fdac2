"""The guard that keeps a process of tests from reaching any other machine."""

from __future__ import annotations

from pytest_socket import socket_allow_hosts

HOSTS = ["127.0.0.1", "::1", "localhost"]


def only_loopback() -> None:
    """From now on until this process ends, a connection to another machine is refused where it is made.

    The plug-in's own hooks would lift that after each test, and would not guard what lives longer than one: it is not
    loaded (`pyproject.toml`), and both trees of tests call this before anything else.
    """
    socket_allow_hosts(HOSTS, allow_unix_socket=True)
