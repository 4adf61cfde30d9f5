"""What comes of running what anybody may have written: a rail, a policy's code."""

from pathlib import Path
from types import TracebackType
from typing import Self


class Outcome:
    """What came of running something: any error is held here as a reason instead of travelling on.

    This is the one place that catches everything, on purpose: a rail is anybody's code, and whatever it
    raises must follow the policy's `fail`, or leave the policy in force that was. Interrupts and exits pass
    through. `what` is run: the reason says so.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self.error: Exception | None = None
        self.reason = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if kind is not None and trace is not None:
            # The class and the place, never the message: it may quote the text.
            place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
            self.reason = f"{self._what} failed with {kind.__name__} at {place}"
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None
