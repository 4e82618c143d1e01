"""Convex losses of a few parameters, minimised to their end."""

from collections.abc import Callable

import torch


def minimize(loss: Callable[[], torch.Tensor], parameters: list[torch.Tensor], steps: int) -> None:
    """Move parameters, which want gradients, to where `loss` [] is least (L-BFGS: Liu and Nocedal 1989).

    Args:
        steps: at most.
    """
    optimizer = torch.optim.LBFGS(parameters, max_iter=steps, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        found = loss()
        torch.autograd.backward(found)
        return found

    optimizer.step(closure)  # type: ignore[no-untyped-call]
