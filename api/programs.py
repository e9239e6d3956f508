"""Programs of our own that a server starts beside itself, so that nobody waits for them to decide."""

import asyncio
import sys


async def run_program(module: str, question: bytes) -> bytes:
    """Run a module as a program and return what it wrote; it ends with whoever waits for it. Raises RuntimeError."""
    # -P: a folder that the service is started in must not give it its modules.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, _ = await process.communicate(question)
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if process.returncode:
        raise RuntimeError(f"the program {module} ended with {process.returncode}")
    return out
