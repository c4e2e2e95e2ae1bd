"""Measurements that the project cites, each a program: ``python -m benchmarks.NAME``.

Claims about speed are ratios of things that ran side by side in one run: ``speed``, ``meter_speed``,
``overhead``. ``meters``, ``harness`` and ``fidelity`` compare with other tools. ``calibration``,
``fidelity_shortcut`` and ``upgrade_replay`` check how this project works itself, and ``gpu_check`` what the
sensors of a real GPU do. The results are in ``benchmarks/results``.
"""
