# SPDX-License-Identifier: Apache-2.0
"""A kernel: a fused forward pass, when it may run, and its adjoint."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

Adjoint = Callable[..., tuple[Tensor | None, ...]]
Places = tuple[int, ...]


class Kernel:
    """A fused implementation of one operation on one kind of device.

    Args:
        forward: takes the operation's arguments, all of them and by position.
        accepts: takes the same arguments and says whether `forward` can run on them. It looks at dtype, shape and
            options only, and says yes only to what the reference would accept, so that the reference does all checking.
        adjoint: `adjoint(needs, gradients, outputs, *arguments)` returns one gradient per argument, `None` where
            `needs` is false. `gradients` and `outputs` are tuples. Without it, backward differentiates the reference.
        examples: yields argument tuples that make `foveal warmup` compile every variant.
        keep_outputs: whether the adjoint reads `outputs`. Where it does not, say so: `outputs` is then empty, and the
            caller may change the result in place before backward.
        without_gradient: places of floating-point outputs that have no gradient, as those of the reference; or a
            function of the arguments that returns them.
        least: elements of the first argument from which the kernel pays, without and with a gradient wanted: for fewer
            the reference runs, without further questions. A node of Python's on the tape costs some 30 microseconds,
            more than a few of PyTorch's.
        pays: `pays(taped, *arguments)` says it more precisely, of arguments that the kernel accepts; `taped` is whether
            a gradient is wanted.
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        accepts: Callable[..., bool],
        adjoint: Adjoint | None,
        examples: Callable[[], Iterable[tuple[Any, ...]]],
        keep_outputs: bool = True,
        without_gradient: Places | Callable[..., Places] = (),
        least: tuple[int, int] = (0, 0),
        pays: Callable[..., bool] | None = None,
    ) -> None:
        self.forward = forward
        self.accepts = accepts
        self.adjoint = adjoint
        self.examples = examples
        self.keep_outputs = keep_outputs and adjoint is not None
        self.without_gradient = without_gradient
        self.least = least
        self.pays = pays
        self.__name__ = forward.__name__
        self.__doc__ = forward.__doc__

    def run(self, reference: Callable[..., Any], arguments: tuple[Any, ...], always: bool = False) -> Any:
        """Run the kernel where it pays, or always, on autograd's tape where a gradient is wanted."""
        taped = False
        if torch.is_grad_enabled():
            for value in arguments:
                if isinstance(value, Tensor) and value.requires_grad:
                    taped = True
                    break
        if not always and self.pays is not None and not self.pays(taped, *arguments):
            return reference(*arguments)
        return _Differentiable.apply(self, reference, *arguments) if taped else self.forward(*arguments)


def kernel(
    *,
    accepts: Callable[..., bool],
    examples: Callable[[], Iterable[tuple[Any, ...]]],
    adjoint: Adjoint | None = None,
    keep_outputs: bool = True,
    without_gradient: Places | Callable[..., Places] = (),
    least: tuple[int, int] = (0, 0),
    pays: Callable[..., bool] | None = None,
) -> Callable[[Callable[..., Any]], Kernel]:
    """Mark a function as the kernel of the operation that has its name at its path; see `Kernel` for the arguments."""
    return lambda forward: Kernel(forward, accepts, adjoint, examples, keep_outputs, without_gradient, least, pays)


class _Differentiable(torch.autograd.Function):
    """Forward by the kernel; backward by its adjoint to first order, by the reference to any higher one."""

    @staticmethod
    def forward(ctx: Any, kernel: Kernel, reference: Callable[..., Any], *arguments: Any) -> Any:
        result = kernel.forward(*arguments)
        outputs: tuple[Tensor, ...] = result if isinstance(result, tuple) else (result,)
        tensors, places, options = [], [], list(arguments)
        for place, value in enumerate(arguments):
            if isinstance(value, Tensor):
                tensors.append(value)
                places.append(place)
                options[place] = None
        ctx.call = kernel, reference, options, places
        if kernel.keep_outputs:
            tensors += outputs
        ctx.save_for_backward(*tensors)
        without = kernel.without_gradient
        if callable(without):
            without = without(*arguments)
        for place, output in enumerate(outputs):
            if place in without or not output.is_floating_point():
                constant = [o for p, o in enumerate(outputs) if p in without or not o.is_floating_point()]
                ctx.mark_non_differentiable(*constant)
                break
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        kernel, reference, options, places = ctx.call
        saved = ctx.saved_tensors  # read once: checkpointing refuses a second time
        arguments = list(options)
        for place, tensor in zip(places, saved, strict=False):
            arguments[place] = tensor
        needs = ctx.needs_input_grad[2:]
        if kernel.adjoint is None or torch.is_grad_enabled() or is_transformed() or _is_batched(gradients):
            found = differentiate(reference, tuple(arguments), gradients, needs)
        else:
            found = kernel.adjoint(needs, gradients, saved[len(places) :], *arguments)
        return (None, None, *found)


# Looked up once: between calls of PyTorch the interpreter runs cold, and each name on the way costs.
_interpreters: Any = torch._C._functorch.peek_interpreter_stack  # pyright: ignore[reportAttributeAccessIssue]
_count_modes = torch._C._len_torch_dispatch_stack
_tracing_state = torch._C._get_tracing_state
_forward_ad = torch.autograd.forward_ad
_keys: Any = torch._C._dispatch_keys
_BATCHED: Any = torch._C._parse_dispatch_key("Batched")


def is_transformed() -> bool:
    """Say whether this call is traced, or transformed by `torch.func` or forward-mode autograd."""
    return (
        _interpreters() is not None
        or _count_modes() > 0
        or _forward_ad._current_level >= 0
        or _tracing_state() is not None
    )


def _is_batched(gradients: tuple[Tensor, ...]) -> bool:
    """Say whether `is_grads_batched` made these gradients: its vmap is older than that of `torch.func`."""
    return True in [_keys(gradient).has(_BATCHED) for gradient in gradients]


def differentiate(
    reference: Callable[..., Any], arguments: tuple[Any, ...], gradients: tuple[Tensor, ...], needs: tuple[bool, ...]
) -> tuple[Tensor | None, ...]:
    """Pull `gradients` back through `reference`, on the tape where gradients are enabled (for the next order)."""
    create_graph = torch.is_grad_enabled()
    with torch.enable_grad():
        # An alias per argument: its gradient is then the partial derivative alone, though arguments may depend on
        # each other or be one and the same tensor.
        aliases = tuple(value.view_as(value) if need else value for value, need in zip(arguments, needs, strict=True))
        result = reference(*aliases)
        outputs: tuple[Tensor, ...] = result if isinstance(result, tuple) else (result,)
        pairs = [(o, g) for o, g in zip(outputs, gradients, strict=True) if o.requires_grad]
        found = torch.autograd.grad(
            [output for output, _ in pairs],
            [alias for alias, need in zip(aliases, needs, strict=True) if need],
            [gradient for _, gradient in pairs],
            create_graph=create_graph,
            allow_unused=True,
        )
    remaining = iter(found)
    return tuple(next(remaining) if need else None for need in needs)
