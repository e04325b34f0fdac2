"""Routes of the room `works`."""

from flask import Blueprint

blueprint = Blueprint("works", __name__)
