"""A record for tests: every part is filled, and all numbers are made up."""

from datetime import UTC, datetime
from typing import Any

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.energy.conditions import Conditions, Range
from llenergymeasure.energy.figures import (
    EnergyBreakdown,
    Figure,
    Measured,
    Method,
    Modelled,
    Reading,
    Scope,
    Unavailable,
)
from llenergymeasure.measurement.summaries import energies, phases, speed
from llenergymeasure.results.record import Git, Host, HostGpu, Model, Record, Versions, Workload
from llenergymeasure.results.schema import (
    Block,
    CallTiming,
    Carbon,
    Device,
    Distribution,
    Energy,
    Finding,
    Flops,
    Memory,
    Plan,
    Tokens,
    WarmUp,
    Window,
    WindowKind,
)

UUID = "GPU-a"


def joules(energy_j: float, uncertainty_j: float = 1.0) -> Measured:
    return Measured(
        energy_j=energy_j,
        uncertainty_j=uncertainty_j,
        bound_j=3 * uncertainty_j,
        method=Method.NVML_TOTAL_ENERGY,
        scope=Scope.GPU,
        device=UUID,
        period_s=0.1,
        begin=Reading(value=1.0, unit="mJ", at_s=1.0),
        end=Reading(value=2.0, unit="mJ", at_s=2.0),
    )


def modelled(energy_j: float) -> Modelled:
    return Modelled(
        energy_j=energy_j,
        model="busy seconds",
        assumptions=("10 W a core",),
        scope=Scope.CPU_CORES,
        device="cpu",
    )


UNAVAILABLE = Unavailable(reason="there is no driver", hint="Install it.", scope=Scope.GPU, device="gpu")
CONDITIONS = Conditions(
    device=UUID,
    samples=100,
    failed_samples=0,
    unsampled_s=0.0,
    power_w=Range(low=90, mean=100, high=110),
    power_is_instant=True,
    average_power_w=None,
    temperature_c=Range(low=40, mean=50, high=60),
    sm_mhz=Range(low=1400, mean=1410, high=1420),
    memory_mhz=None,
    limit_w=Range(low=300, mean=300, high=300),
    reasons=0,
    thermal_samples=0,
    power_cap_samples=0,
    thermal_violation_s=0.0,
    power_violation_s=0.0,
    processes_known=True,
    foreign_processes=0,
    foreign_pid=None,
    unidentified_processes=0,
    error=None,
)


def window(
    kind: WindowKind, number: int, figure: Figure, *, length_s: float = 10.0, output: int = 600
) -> Window:
    is_idle = kind.startswith("idle")
    return Window(
        kind=kind,
        number=number,
        begin_s=100.0 + 11 * number,
        length_s=length_s,
        passes=0 if is_idle else 2,
        calls=0 if is_idle else 4,
        tokens=None if is_idle else Tokens(requests=8, sequences=8, prompt=400, output=output),
        energy=Energy.of(EnergyBreakdown.of([figure])),
        conditions=(CONDITIONS,),
        findings=(),
    )


WORK_J = (1200.0, 1212.0, 1188.0, 1206.0, 1194.0)


def work(figures: list[Figure] | None = None) -> tuple[Window, ...]:
    """Idle windows at 40 W, and between them work windows, by default five of about 1200 J."""
    figures = figures or [joules(energy_j) for energy_j in WORK_J]
    return (
        window("idle-before", 1, joules(400.0)),
        *(window("work", number, figure) for number, figure in enumerate(figures, start=1)),
        window("idle-after", 1, joules(400.0)),
    )


def record(**changes: Any) -> Record:
    """The record with some parts changes. Energy, speed and phases are computed from its windows."""
    windows = changes.setdefault("windows", work())
    values: dict[str, Any] = {
        "status": "complete",
        "created": datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC),
        "seconds": 90.0,
        "config": {
            "model": {"name": "builtin:llama"},
            "pytorch": {"temperature": 0.7, "stop_strings": ["\n", "é"]},
        },
        "config_hash": "0123abcd",
        "section": "pytorch",
        "effective": {
            "model": {"name": "builtin:llama"},
            "pytorch": {"temperature": 0.7},
            "measurement": {"windows": 5},
        },
        "generation": {"temperature": 0.7, "do_sample": False},
        "canonical": {"temperature": 0.7},
        "observed": {"inputs": "int64[2, 50] on cuda:0", "temperature": 0.7, "stop_strings": ["\n", "é"]},
        "versions": Versions(
            python="3.11.1",
            llenergymeasure="0",
            engine="transformers",
            libraries={"transformers": "5", "torch": "2"},
            schema_release=PyTorchConfig.engine_version,
            nvidia_driver="550",
        ),
        "host": Host(
            system="Linux x86_64", cpu="A CPU", cores=2, threads=1, gpus=(HostGpu(uuid=UUID, name="Card"),)
        ),
        "git": Git(commit="0" * 40, modified=True),
        "model": Model(
            name="builtin:llama",
            architecture="LlamaForCausalLM",
            parameters=12_788_352,
            dtype="float32",
            device="cuda:0",
            vocabulary=259,
            attention="sdpa",
            weights_seed=0,
            commit=None,
            generation_defaults={"eos_token_id": 2},
        ),
        "workload": Workload(
            prompts="builtin",
            prompts_digest="0123456789abcdef",
            requests=4,
            batch_size=2,
            batches=2,
            shortest_prompt=5,
            longest_prompt=90,
            seed=0,
            padding_token="<pad>",
        ),
        "devices": (
            Device(
                device=UUID,
                name="Card",
                scope="gpu",
                measurable=True,
                method="nvml-total-energy",
                period_s=0.1,
                processes=(),
                notes=(),
                reason="",
                hint="",
            ),
        ),
        "plan": Plan(
            windows=5,
            window_s=5.0,
            target=0.005,
            warmup_s=60.0,
            idle_s=5.0,
            prefill=False,
            cooldown_celsius=None,
            quick=False,
        ),
        "warmup": WarmUp(
            blocks=(Block(passes=1, seconds_per_pass=5.0, power_w=120.0, temperature_c=50.0),),
            seconds=20.0,
            steady=True,
        ),
        "tokens": Tokens(requests=4, sequences=4, prompt=200, output=300),
        "energy": energies(windows),
        "speed": speed(windows),
        "phases": phases(windows),
        "timing": CallTiming(
            call=Distribution(count=4, mean_s=2.5, sd_s=0.1, min_s=2.4, median_s=2.5, p95_s=None, max_s=2.6),
            first_token=None,
            between_tokens=None,
            missing="continuous batching",
        ),
        "memory": (Memory(bytes=2**30, where="cuda:0", method="torch"),),
        "flops": Flops(per_output_token=2.5e7, formula="2 N", missing=""),
        "carbon": Carbon(
            grams_per_request=0.015, grams_per_output_token=0.0002, grams_per_kwh=360, source="a table"
        ),
    }
    return Record(**(values | changes))


NO_OUTPUT = Finding(id="no-output", text="…")
