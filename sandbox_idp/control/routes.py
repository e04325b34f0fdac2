"""Routes of the room `control`."""

from flask import Blueprint

blueprint = Blueprint("control", __name__)
