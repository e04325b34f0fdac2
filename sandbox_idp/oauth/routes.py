"""Routes of the room `oauth`."""

from flask import Blueprint

blueprint = Blueprint("oauth", __name__)
