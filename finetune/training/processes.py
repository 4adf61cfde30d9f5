"""The processes that share a run: as many as `accelerate launch` started, or this one alone.

Each computes its part of a step's passes. Where weights are not sharded, every process holds them all and
gradients are added up; where they are (FSDP), each holds its part of every matrix. It does not know readings.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]  # it ships no types
from accelerate.utils import DistributedType, broadcast_object_list  # type: ignore[import-untyped]  # as above
from torch import Tensor, nn
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

Item = TypeVar("Item")


class Processes:
    """This process among its fellows."""

    def __init__(self, *, shard: bool = False) -> None:
        """`shard` divides weights, gradients and the optimiser's state; so does a configuration with FSDP."""
        self._accelerator = Accelerator()
        self._count = self._accelerator.num_processes
        fsdp = self._accelerator.distributed_type is DistributedType.FSDP
        self._sharded = self._count > 1 and (shard or fsdp)

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes and tells."""
        return bool(self._accelerator.is_main_process)

    def place(self, model: nn.Module) -> None:
        """Put `model` onto this process's device, or this process's part of it."""
        if not self._sharded:
            model.to(self._accelerator.device)
            return
        layers = next(part for part in model.modules() if isinstance(part, nn.ModuleList))
        for layer in layers:
            fully_shard(layer)
        fully_shard(model)

    def share(self, items: Sequence[Item]) -> Iterator[tuple[Item, float]]:
        """This process's part of `items`, each with its weight, 1.

        All processes get as many, since they compute in step: some get one again, with weight 0.
        """
        for start in range(0, len(items), self._count):
            place = start + self._accelerator.process_index
            yield (items[place], 1.0) if place < len(items) else (items[start], 0.0)

    def gradient(self, parameter: Tensor) -> Tensor | None:
        """The sum of all processes' gradients in full precision; None where there is none."""
        if parameter.grad is None:
            return None
        own: Tensor = parameter.grad.float()
        if self._sharded:
            own *= self._count  # FSDP has taken their mean
        elif self._count > 1:
            own = self._accelerator.reduce(own, "sum")
        return own

    def sum(self, *values: float) -> list[float]:
        """The sum of each value over all processes."""
        if self._count == 1:
            return [*values]
        own = torch.tensor(values, dtype=torch.float64, device=self._accelerator.device)
        return [float(value) for value in self._accelerator.reduce(own, "sum")]

    def agreed(self, value: float) -> float:
        """The first process's value."""
        return float(broadcast_object_list([value])[0]) if self._count > 1 else value

    def wait(self) -> None:
        """Go on when all have come here."""
        self._accelerator.wait_for_everyone()


def whole(tensor: Tensor) -> Tensor:
    """A tensor of which other processes may hold parts. All have to ask for it at once."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def copied(target: Tensor, source: Tensor) -> None:
    """Put the whole tensor `source` into `target`, or into this process's part of it."""
    if isinstance(target, DTensor):
        source = distribute_tensor(source.to(target.device), target.device_mesh, target.placements)
    target.copy_(source)
