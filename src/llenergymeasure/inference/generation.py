"""One call of ``generate()``: exactly the configured keyword arguments, and those that only the call can give."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers import StopStringCriteria

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.inference.batching import Batch
from llenergymeasure.inference.counting import TokenCounts, end_ids, output_tokens, prompt_tokens
from llenergymeasure.inference.errors import DeviceMemoryError, GenerationError
from llenergymeasure.inference.failures import is_out_of_memory, one_line
from llenergymeasure.inference.loading import LoadedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What came back for a batch: sequences x length, the prompt (or the decoder's start) in front, on the device."""

    batch: Batch
    sequences: torch.Tensor


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
        taken = sorted(self._settings.keys() & {*self._own, "inputs", "input_ids", "attention_mask"})
        if taken:
            raise GenerationError(
                f"pytorch.extra.{taken[0]}: the run gives this argument to generate() itself. Remove it; prompts are set "
                "in workload.prompts, and models and tokenizers under model."
            )

    def __call__(self, batch: Batch) -> Generated:
        """Generate for one batch. Work may still be queued on the device when this returns.

        Raises:
            GenerationError: ``generate()`` raised; its words are in the message. Or continuous batching, which knows no
                attention mask, was asked for with a batch that has padding.
            DeviceMemoryError: the device ran out of memory.
        """
        if self._is_paged and not bool(batch.attention_mask.all()):
            raise GenerationError(
                "pytorch.cache_implementation: paged takes padding for part of the prompt, and this batch has padding. Set "
                "workload.batch_size to 1, or another cache_implementation."
            )
        try:
            returned = self.loaded.model.generate(
                inputs=batch.input_ids, attention_mask=batch.attention_mask, **self._own, **self._settings
            )
        except Exception as error:
            if is_out_of_memory(error):
                raise DeviceMemoryError(
                    f"workload.batch_size: {len(batch.input_ids)} prompts at once need more memory than {self.loaded.device} "
                    "has. Lower it, or pytorch.max_new_tokens."
                ) from error
            raise GenerationError(
                f"pytorch: generate() does not run with these settings: {one_line(error)}{self._mend(error)}"
            ) from error
        sequences = returned if isinstance(returned, torch.Tensor) else returned.sequences
        # Continuous batching answers with one more dimension in front.
        return Generated(batch=batch, sequences=sequences.reshape(-1, sequences.shape[-1]))

    def count(self, generated: Generated) -> TokenCounts:
        """The tokens that went in and came out; waits for the device.

        Those that went in are the prompts' own, also where ``token_healing`` trimmed them before it began.
        """
        batch = generated.batch
        rows = generated.sequences.cpu()
        width = self._prompt_width(batch, rows)
        stops = self._stops(rows, width)
        eos = end_ids(self._in_effect("eos_token_id"))
        return TokenCounts(
            prompts=len(batch.input_ids),
            sequences=len(rows),
            prompt_tokens=prompt_tokens(batch.attention_mask.tolist()),
            output_tokens=sum(
                output_tokens(row, prompt_width=width, eos=eos, stopped_after=stop)
                for row, stop in zip(rows.tolist(), stops, strict=True)
            ),
        )

    @property
    def _is_paged(self) -> bool:
        """Whether ``generate()`` turns to continuous batching; it looks for that among its arguments only."""
        return self._settings.get("cache_implementation") == "paged"

    def _mend(self, error: Exception) -> str:
        """The settings that the error speaks of, by their place in the configuration."""
        text = str(error)
        named = [
            f"pytorch.{name}" if name in PyTorchConfig.model_fields else f"pytorch.extra.{name}"
            for name in self._settings
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        ]
        return f" (Change {' or '.join(named)}.)" if named else ""

    def _prompt_width(self, batch: Batch, rows: torch.Tensor) -> int:
        """How many ids stand in front of the first generated one.

        Token healing strips the prompts and tokenizes them anew before it generates, so it is asked for their width.
        """
        start = rows[:, :1].to(self.loaded.device) if self.loaded.is_encoder_decoder else batch.input_ids
        if self._in_effect("token_healing") and not self._is_paged:
            start = self.loaded.model.heal_tokens(start, self.loaded.tokenizer)
        return int(start.shape[1])

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
        """A setting as the run sees it: set here (None included), else the model's own."""
        if name in self._settings:
            return self._settings[name]
        return getattr(self.loaded.model.generation_config, name, None)

    def _stops(self, rows: torch.Tensor, width: int) -> list[int | None]:
        """For each row, the output token (counted from 1) that completed a stop string, asked of transformers' criterion."""
        strings = self._in_effect("stop_strings")
        found: list[int | None] = [None] * len(rows)
        if not strings:
            return found
        criterion = StopStringCriteria(self.loaded.tokenizer, strings)
        for number in range(1, rows.shape[1] - width + 1):
            for row, stopped in enumerate(criterion(rows[:, : width + number], None).tolist()):
                if stopped and found[row] is None:
                    found[row] = number
        return found
