"""Routes of the room `console`."""

from flask import Blueprint

blueprint = Blueprint("console", __name__)
