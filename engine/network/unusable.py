"""What is said where durable-rules was installed in a way that this Python cannot load."""

import sys


class DurableRulesUnusable(ImportError):
    """durable-rules cannot be loaded: the message says how to compile it for this Python."""

    def __init__(self, problem: ImportError) -> None:
        command = (
            f"{sys.executable} -m pip install --force-reinstall --no-deps --no-cache-dir --no-binary durable-rules"
        )
        super().__init__(
            f"durable-rules, the rules engine, cannot be loaded ({problem}). Since Python 3.13 it is compiled with"
            " another name for a function that is gone there. Compile it again:\n"
            f"  CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject {command} durable-rules==2.0.28"
        )
