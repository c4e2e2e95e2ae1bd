"""One call of ``generate()``: exactly the configured keyword arguments, and those that only the call can give."""

import re
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from transformers import MaxTimeCriteria, StopStringCriteria

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.counting import (
    TokenCounts,
    end_ids,
    healed_width,
    output_tokens,
    prompt_tokens,
)
from llenergymeasure.engines.transformers.errors import DeviceMemoryError, GenerationError
from llenergymeasure.engines.transformers.exceptions import is_out_of_memory, one_line
from llenergymeasure.engines.transformers.loading import LoadedModel
from llenergymeasure.engines.transformers.model_info import context_length
from llenergymeasure.engines.transformers.paged_batching import failures_raised

_LENGTHS = ("max_length", "max_new_tokens", "min_length", "min_new_tokens")
"""The settings of length, which a prefill replaces."""

_SIZES = ("max_new_tokens", "max_length", "num_beams", "num_return_sequences")
"""The settings that memory grows with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What came back for a batch, and what was sent.

    Args:
        batch: the prompts.
        sequences: sequences x length, the prompt (or the decoder's start) in front, on the device.
        arguments: the keyword arguments that ``generate()`` got, the very objects.
    """

    batch: Batch
    sequences: torch.Tensor
    arguments: Mapping[str, Any]


class Generator:
    """A loaded model together with the settings of its run.

    Args:
        loaded: the model.
        settings: keyword arguments for ``generate()``, passed as they are.
        trust_remote_code: whether Python code from elsewhere may run, such as a decoding mode that ``custom_generate`` names.

    Raises:
        GenerationError: the settings name an argument that is the run's own to give, or code that may not run.
    """

    def __init__(
        self, loaded: LoadedModel, settings: Mapping[str, Any], *, trust_remote_code: bool = False
    ) -> None:
        self.loaded = loaded
        self._settings = dict(settings)
        self._trusts = trust_remote_code
        self._refuse_code()
        self._own = self._own_arguments()
        self._refuse_taken({*self._own, "inputs", "input_ids", "attention_mask"})

    def __call__(self, batch: Batch) -> Generated:
        """Generate for one batch. Work may still be queued on the device when this returns.

        Raises:
            GenerationError: ``generate()`` raised; its words are in the message. Or continuous batching, which knows no
                attention mask, was asked for with a batch that has padding.
            DeviceMemoryError: the device ran out of memory.
        """
        return self._generate(batch, self._settings)

    def prefill(self, batch: Batch) -> Generated:
        """The same with one new token: ``max_new_tokens=1`` in place of the settings of length.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: the device ran out of memory.
        """
        kept = {name: value for name, value in self._settings.items() if name not in _LENGTHS}
        return self._generate(batch, kept | {"max_new_tokens": 1})

    def _generate(self, batch: Batch, settings: Mapping[str, Any]) -> Generated:
        if self.is_paged and not bool(batch.attention_mask.all()):
            raise GenerationError(
                "pytorch.cache_implementation: paged takes padding for part of the prompt, and this batch has padding. Set "
                "workload.batch_size to 1, or another cache_implementation."
            )
        prompts = _prompt_arguments(batch)
        self._refuse_taken(prompts)
        arguments = {**prompts, **self._own, **settings}
        watched = failures_raised(self.loaded.model) if self.is_paged else nullcontext()
        try:
            with watched:
                returned = self.loaded.model.generate(**arguments)
        except Exception as error:
            if is_out_of_memory(error):
                raise DeviceMemoryError(self._too_much(batch)) from error
            raise GenerationError(
                f"pytorch: generate() does not run with these settings: {one_line(error)}{self._mend(error, batch)}"
            ) from error
        sequences = returned if isinstance(returned, torch.Tensor) else returned.sequences
        # Continuous batching answers with one more dimension in front.
        return Generated(
            batch=batch, sequences=sequences.reshape(-1, sequences.shape[-1]), arguments=arguments
        )

    def count(self, generated: Generated) -> TokenCounts:
        """The tokens that went in and came out; waits for the device.

        Those that went in are the prompts' own, also where ``token_healing`` trimmed them before it began.
        """
        batch = generated.batch
        rows = generated.sequences.cpu()
        width = self.prompt_width(generated)
        stops = self._stops(rows, width)
        eos = end_ids(self._in_effect("eos_token_id"))
        return TokenCounts(
            prompts=batch.prompts,
            sequences=len(rows),
            prompt_tokens=prompt_tokens(batch.attention_mask.tolist()),
            output_tokens=sum(
                output_tokens(row, prompt_width=width, eos=eos, stopped_after=stop)
                for row, stop in zip(rows.tolist(), stops, strict=True)
            ),
        )

    @property
    def is_paged(self) -> bool:
        """Whether ``generate()`` turns to continuous batching; it looks for that among its arguments only."""
        return self._settings.get("cache_implementation") == "paged"

    def _too_much(self, batch: Batch) -> str:
        many = f"{batch.prompts} prompts at once need" if batch.prompts > 1 else "one prompt at a time needs"
        others = [f"pytorch.{name}" for name in _SIZES if name in self._settings]
        lower = " or ".join(others or ["pytorch.max_new_tokens"])
        return f"workload.batch_size: {many} more memory than {self.loaded.device} has. Lower it, or {lower}."

    def _mend(self, error: Exception, batch: Batch) -> str:
        """The settings that the error speaks of, by their place in the configuration; and the context, where it is overrun."""
        text = str(error)
        named = [
            f"pytorch.{name}" if name in PyTorchConfig.model_fields else f"pytorch.extra.{name}"
            for name in self._settings
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        ]
        mend = f" (Change {' or '.join(named)}.)" if named else ""
        context, new = context_length(self.loaded.model), self._in_effect("max_new_tokens")
        if context is not None and isinstance(new, int) and batch.width + new > context:
            mend += (
                f" (The longest prompt has {batch.width} tokens; with {new} new ones it is longer than the model's context, "
                f"{context}. Lower pytorch.max_new_tokens.)"
            )
        return mend

    def prompt_width(self, generated: Generated) -> int:
        """How many ids stand in front of the first generated one, in every returned sequence."""
        start = generated.batch.input_ids
        if self.loaded.is_encoder_decoder:
            start = generated.sequences[:, :1]
        if self._in_effect("token_healing") and not self.is_paged:
            return healed_width(self.loaded.tokenizer, start)
        return int(start.shape[1])

    def _refuse_taken(self, given: Collection[str]) -> None:
        """An argument comes from one place."""
        taken = sorted(self._settings.keys() & set(given))
        if taken:
            raise GenerationError(
                f"pytorch.extra.{taken[0]}: the run gives this argument to generate() itself. Remove it; prompts are set "
                "in workload, and models and tokenizers under model."
            )

    def _refuse_code(self) -> None:
        """There is one switch for code from elsewhere, and ``extra`` is no way around it."""
        if "trust_remote_code" in self._settings:
            raise GenerationError(
                "pytorch.extra.trust_remote_code: code from elsewhere is allowed by model.trust_remote_code alone. Set "
                "that, if you have read the code and trust it, and remove this."
            )
        if isinstance(self._settings.get("custom_generate"), str) and not self._trusts:
            raise GenerationError(
                "pytorch.extra.custom_generate: it runs Python code from elsewhere, with your rights. Read the code, and set "
                "model.trust_remote_code: true if you trust it."
            )

    def _own_arguments(self) -> dict[str, Any]:
        """What ``generate()`` needs beside the settings and the prompts, and takes only where it needs it."""
        loaded = self.loaded
        own: dict[str, Any] = {}
        if self._trusts and "custom_generate" in self._settings:
            own["trust_remote_code"] = True
        if loaded.assistant is not None:
            own["assistant_model"] = loaded.assistant
        if loaded.assistant_tokenizer is not None:
            own["assistant_tokenizer"] = loaded.assistant_tokenizer
        if (
            own.get("assistant_tokenizer")
            or self._in_effect("stop_strings")
            or self._in_effect("token_healing")
        ):
            own["tokenizer"] = loaded.tokenizer
        return own

    def _in_effect(self, name: str) -> Any:
        """A setting as the run sees it: set here (None included), else in a ``generation_config`` of ``extra``, else the model's own."""
        if name in self._settings:
            return self._settings[name]
        given = getattr(self._settings.get("generation_config"), name, None)
        return getattr(self.loaded.model.generation_config, name, None) if given is None else given

    def _stops(self, rows: torch.Tensor, width: int) -> list[int | None]:
        """For each row, the output token (counted from 1) with which a criterion other than length, end tokens and time ended it.

        They are asked again, about the ids up to each token: transformers' own for stop strings, and those of ``extra``.
        """
        criteria = list(self._settings.get("stopping_criteria") or ())
        strings = self._in_effect("stop_strings")
        if strings:
            criteria.append(StopStringCriteria(self.loaded.tokenizer, strings))
        # Time ends all sequences of a batch at once, so it leaves no padding behind; and now it is another time.
        criteria = [each for each in criteria if not isinstance(each, MaxTimeCriteria)]
        found: list[int | None] = [None] * len(rows)
        for number in range(1, rows.shape[1] - width + 1 if criteria else 0):
            for criterion in criteria:
                stopped = torch.as_tensor(criterion(rows[:, : width + number], None)).expand(len(rows))
                for row, stops in enumerate(stopped.tolist()):
                    if stops and found[row] is None:
                        found[row] = number
        return found


def _prompt_arguments(batch: Batch) -> dict[str, torch.Tensor]:
    """What a batch gives to ``generate()``."""
    arguments = {"inputs": batch.input_ids, "attention_mask": batch.attention_mask}
    if batch.negative_prompt_ids is not None and batch.negative_prompt_attention_mask is not None:
        arguments["negative_prompt_ids"] = batch.negative_prompt_ids
        arguments["negative_prompt_attention_mask"] = batch.negative_prompt_attention_mask
    return arguments
