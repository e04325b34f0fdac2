"""One sign-in as one file over the control API. `POST /imports` makes a stand of it, as of any export."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sandbox_idp.context import Stand
from sandbox_idp.control.calls import Calls, ZipAnswer
from sandbox_idp.control.guard import house
from sandbox_idp.control.problems import ProblemError
from sandbox_idp.control.snapshots import refusing
from sandbox_idp.stands.bundles import ForgottenBeginningError, UnknownSignInError

calls = Calls("snapshots")
SignInKey = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$", description="number of a sign-in", examples=["1"])]


@calls.get(
    "/sign-ins/{number}/bundle",
    refuses=((404, "unknown-stand"), (404, "unknown-sign-in"), (409, "beginning-forgotten")),
)
def bundle_sign_in(stand: Stand, number: SignInKey) -> ZipAnswer:
    """The stand as it was when the sign-in began, and what was done in it then, as one file."""
    return bundle(stand, int(number))


def bundle(stand: Stand, number: int) -> ZipAnswer:
    """That file. Raises ProblemError."""
    try:
        with refusing():
            return ZipAnswer(house().export(stand.id, number), name=f"sign-in-{number}-{stand.id}.zip")
    except UnknownSignInError as error:
        raise ProblemError(404, "unknown-sign-in", error.reason) from None
    except ForgottenBeginningError as error:
        raise ProblemError(409, "beginning-forgotten", error.reason) from None
