"""One call of ``generate()``: exactly the configured arguments, and those that only the call can give."""

import re
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from transformers import MaxTimeCriteria, StopStringCriteria

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.engines.calls import TokenCounts
from llenergymeasure.engines.errors import DeviceMemoryError, GenerationError
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.counting import end_ids, healed_width, output_tokens, prompt_tokens
from llenergymeasure.engines.transformers.exceptions import is_out_of_memory, one_line
from llenergymeasure.engines.transformers.model_info import context_length
from llenergymeasure.engines.transformers.model_loader import ModelParts
from llenergymeasure.engines.transformers.paged_batching import failures_raised

_LENGTHS = ("max_length", "max_new_tokens", "min_length", "min_new_tokens")
"""The settings that decide how many tokens are generated; a prefill replaces them."""

_SIZES = ("max_new_tokens", "max_length", "num_beams", "num_return_sequences")
"""The settings that increase the memory needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """The result of a call, with its batch and arguments.

    Args:
        batch: the prompts.
        sequences: the returned ids, of shape (sequences, length), on the device. Each begins with the prompt
            or, in an encoder-decoder model, with the decoder's start token.
        arguments: the keyword arguments that ``generate()`` got: the same objects.
    """

    batch: Batch
    sequences: torch.Tensor
    arguments: Mapping[str, Any]


class Generator:
    """A loaded model together with the settings of its run.

    Args:
        parts: the model, and what belongs to it.
        settings: keyword arguments for ``generate()``, passed as they are.
        trust_remote_code: whether Python code from elsewhere may run, such as a decoding mode that
            ``custom_generate`` names.

    Raises:
        GenerationError: the settings name an argument that only the run gives, or code that may not run.
    """

    def __init__(
        self, parts: ModelParts, settings: Mapping[str, Any], *, trust_remote_code: bool = False
    ) -> None:
        self.parts = parts
        self._settings = dict(settings)
        self._trusts_code = trust_remote_code
        self._refuse_code()
        self._run_arguments = self._arguments_of_run()
        self._refuse_set_twice({*self._run_arguments, "inputs", "input_ids", "attention_mask"})

    def __call__(self, batch: Batch) -> Generated:
        """Generate for one batch. Work may still be queued on the device when this returns.

        Raises:
            GenerationError: ``generate()`` raised; its words are in the message. Or continuous batching,
                which ignores the attention mask, was asked for with a batch that has padding.
            DeviceMemoryError: the device ran out of memory.
        """
        return self._generate(batch, self._settings)

    def prefill(self, batch: Batch) -> Generated:
        """The same call for one new token: ``max_new_tokens=1`` replaces all settings of length.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: the device ran out of memory.
        """
        others = {name: value for name, value in self._settings.items() if name not in _LENGTHS}
        return self._generate(batch, others | {"max_new_tokens": 1})

    def _generate(self, batch: Batch, settings: Mapping[str, Any]) -> Generated:
        if self.is_paged and not bool(batch.attention_mask.all()):
            raise GenerationError(
                "pytorch.cache_implementation: paged takes padding for part of the prompt, and this batch "
                "has padding. Set workload.batch_size to 1, or another cache_implementation."
            )
        prompts = _prompt_arguments(batch)
        self._refuse_set_twice(prompts)
        arguments = {**prompts, **self._run_arguments, **settings}
        try:
            with failures_raised(self.parts.model) if self.is_paged else nullcontext():
                returned = self.parts.model.generate(**arguments)
        except Exception as error:
            if is_out_of_memory(error):
                raise DeviceMemoryError(self._out_of_memory(batch)) from error
            raise GenerationError(
                "pytorch: generate() does not run with these settings: "
                f"{one_line(error)}{self._hint(error, batch)}"
            ) from error
        sequences = returned if isinstance(returned, torch.Tensor) else returned.sequences
        # Continuous batching answers with one more dimension in front.
        return Generated(
            batch=batch, sequences=sequences.reshape(-1, sequences.shape[-1]), arguments=arguments
        )

    def count(self, generated: Generated) -> TokenCounts:
        """The tokens that went in and came out; waits for the device.

        Prompts are counted as they were given, also where ``token_healing`` shortened them.
        """
        batch = generated.batch
        rows = generated.sequences.cpu()
        width = self.prompt_width(generated)
        eos = end_ids(self._in_effect("eos_token_id"))
        return TokenCounts(
            prompts=batch.prompts,
            sequences=len(rows),
            prompt_tokens=prompt_tokens(batch.attention_mask.tolist()),
            output_tokens=sum(
                output_tokens(row, prompt_width=width, eos=eos, stopped_after=stop)
                for row, stop in zip(rows.tolist(), self._stops(rows, width), strict=True)
            ),
        )

    @property
    def is_paged(self) -> bool:
        """Whether ``generate()`` uses continuous batching; only its arguments decide that."""
        return self._settings.get("cache_implementation") == "paged"

    def prompt_width(self, generated: Generated) -> int:
        """How many ids come before the first generated one, in every returned sequence."""
        start = generated.batch.input_ids
        if self.parts.is_encoder_decoder:
            start = generated.sequences[:, :1]
        if self._in_effect("token_healing") and not self.is_paged:
            return healed_width(self.parts.tokenizer, start)
        return int(start.shape[1])

    def _out_of_memory(self, batch: Batch) -> str:
        needed = (
            f"{batch.prompts} prompts at once need" if batch.prompts > 1 else "one prompt at a time needs"
        )
        sizes = [f"pytorch.{name}" for name in _SIZES if name in self._settings]
        lower = " or ".join(sizes or ["pytorch.max_new_tokens"])
        return (
            f"workload.batch_size: {needed} more memory than {self.parts.device} has. Lower it, or {lower}."
        )

    def _hint(self, error: Exception, batch: Batch) -> str:
        """Which settings to change: those that the error names, and the length if it exceeds the context."""
        text = str(error)
        named = [
            f"pytorch.{name}" if name in PyTorchConfig.model_fields else f"pytorch.extra.{name}"
            for name in self._settings
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        ]
        hint = f" (Change {' or '.join(named)}.)" if named else ""
        context, new = context_length(self.parts.model), self._in_effect("max_new_tokens")
        if context is not None and isinstance(new, int) and batch.width + new > context:
            hint += (
                f" (The longest prompt has {batch.width} tokens; with {new} new ones it is longer than the "
                f"model's context, {context}. Lower pytorch.max_new_tokens.)"
            )
        return hint

    def _refuse_set_twice(self, given: Collection[str]) -> None:
        """Refuse an argument that comes both from the run and from the settings."""
        twice = sorted(self._settings.keys() & set(given))
        if twice:
            raise GenerationError(
                f"pytorch.extra.{twice[0]}: the run gives this argument to generate() itself. Remove it; "
                "prompts are set in workload, and models and tokenizers under model."
            )

    def _refuse_code(self) -> None:
        """Refuse code from elsewhere in ``extra``: only ``model.trust_remote_code`` allows it."""
        if "trust_remote_code" in self._settings:
            raise GenerationError(
                "pytorch.extra.trust_remote_code: code from elsewhere is allowed by model.trust_remote_code "
                "alone. Set that, if you have read the code and trust it, and remove this."
            )
        if isinstance(self._settings.get("custom_generate"), str) and not self._trusts_code:
            raise GenerationError(
                "pytorch.extra.custom_generate: it runs Python code from elsewhere, with your permissions. Read "
                "the code, and set model.trust_remote_code: true if you trust it."
            )

    def _arguments_of_run(self) -> dict[str, Any]:
        """Arguments besides the settings and the prompts; ``generate()`` accepts each only if it needs it."""
        parts = self.parts
        arguments: dict[str, Any] = {}
        if self._trusts_code and "custom_generate" in self._settings:
            arguments["trust_remote_code"] = True
        if parts.assistant is not None:
            arguments["assistant_model"] = parts.assistant
        if parts.assistant_tokenizer is not None:
            arguments["assistant_tokenizer"] = parts.assistant_tokenizer
        if (
            arguments.get("assistant_tokenizer")
            or self._in_effect("stop_strings")
            or self._in_effect("token_healing")
        ):
            arguments["tokenizer"] = parts.tokenizer
        return arguments

    def _in_effect(self, name: str) -> Any:
        """The value of a setting in effect.

        It is the value that was set (None included); otherwise that of a ``generation_config`` in ``extra``;
        otherwise the model's.
        """
        if name in self._settings:
            return self._settings[name]
        given = getattr(self._settings.get("generation_config"), name, None)
        return getattr(self.parts.model.generation_config, name, None) if given is None else given

    def _stops(self, rows: torch.Tensor, width: int) -> list[int | None]:
        """For each row, the output token (counted from 1) at which a criterion ended it; None if none did.

        The criteria are transformers' own for stop strings, and those of ``extra``. Each is evaluated again
        for the ids up to each token. :func:`output_tokens` finds length limits and end tokens by itself.
        """
        criteria = list(self._settings.get("stopping_criteria") or ())
        strings = self._in_effect("stop_strings")
        if strings:
            criteria.append(StopStringCriteria(self.parts.tokenizer, strings))
        # A time limit ends all sequences of a batch at once, so it leaves no padding. By now it has passed.
        criteria = [criterion for criterion in criteria if not isinstance(criterion, MaxTimeCriteria)]
        stops: list[int | None] = [None] * len(rows)
        for number in range(1, rows.shape[1] - width + 1 if criteria else 0):
            for criterion in criteria:
                stopped = torch.as_tensor(criterion(rows[:, : width + number], None)).expand(len(rows))
                for row, is_stopped in enumerate(stopped.tolist()):
                    if is_stopped and stops[row] is None:
                        stops[row] = number
        return stops


def _prompt_arguments(batch: Batch) -> dict[str, torch.Tensor]:
    """The arguments of ``generate()`` that a batch provides."""
    arguments = {"inputs": batch.input_ids, "attention_mask": batch.attention_mask}
    if batch.negative_prompt_ids is not None and batch.negative_prompt_attention_mask is not None:
        arguments["negative_prompt_ids"] = batch.negative_prompt_ids
        arguments["negative_prompt_attention_mask"] = batch.negative_prompt_attention_mask
    return arguments
