"""Routes of the room `world`."""

from flask import Blueprint

blueprint = Blueprint("world", __name__)
