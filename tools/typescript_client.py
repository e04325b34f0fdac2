"""Generate the TypeScript example's typed client anew, of the control API's OpenAPI document as it is now.

Usage: python -m tools.typescript_client

Writes `sandbox/control-api.ts` of `e2e/examples/typescript`, which is committed. The generator is npm's
`openapi-typescript`, from the example's own lock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox_idp.control.openapi import document
from sandbox_idp.control.routes import every_call
from tools import interop_node
from tools.interop_environment import EnvironmentFailedError

CLIENT = interop_node.EXAMPLE / "sandbox" / "control-api.ts"


def generated() -> str:
    """What the generator makes of today's document. EnvironmentFailedError if it cannot be had or fails."""
    program = interop_node.example() / "node_modules" / ".bin" / "openapi-typescript"
    whole = document(every_call(), server="http://127.0.0.1:9000/control/v1", prefixed=False)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "openapi.json", Path(folder) / "client.ts"
        source.write_text(json.dumps(whole.model_dump(mode="json"), ensure_ascii=False), encoding="utf-8")
        # A member with a default may be left out of a request.
        command = [str(program), str(source), "--default-non-nullable=false", "--output", str(target)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise EnvironmentFailedError(done.stderr.strip() or f"openapi-typescript ended with {done.returncode}")
        return target.read_text(encoding="utf-8")


if __name__ == "__main__":
    try:
        CLIENT.write_text(generated(), encoding="utf-8")
    except EnvironmentFailedError as error:
        sys.exit(error.reason)
