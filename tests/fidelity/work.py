"""Lists the jobs of a run and gives them to worker processes, with progress on a terminal."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from tests.fidelity import crossing, jobs, places, preconditions, rules, verdicts, witnesses
from tests.fidelity.memory import CURRENT, Plan
from tests.fidelity.reports import Report
from tests.fidelity.schema import Schema

PROCESSES = 2
VALUES = 8
"""Test values that one job tries."""

Job = tuple[Callable[..., Report], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """A sample of the jobs, chosen by a digest of their names.

    Args:
        of: into how many parts the jobs are divided; with 1 the part is all of them.
    """

    of: int = 1

    def has(self, job: Job) -> bool:
        """Whether a job is in it: the same jobs in every run and every release."""
        name = repr((job[0].__name__, job[1][1:]))
        return int(hashlib.sha256(name.encode()).hexdigest(), 16) % self.of == 0

    def jobs(self, todo: Iterator[Job]) -> list[Job]:
        """Those of the jobs that are in it."""
        return [job for job in todo if self.has(job)]


def of_values(schema: Schema, folder: str) -> Iterator[Job]:
    """The verdicts of all test values."""
    for name in schema.params:
        values = verdicts.values(schema, name)
        for first in range(0, len(values), VALUES):
            yield jobs.verdict_job, (folder, name, values[first : first + VALUES])


def of_refusals(schema: Schema, folder: str) -> Iterator[Job]:
    """What the schema refuses, by rules and by single values."""
    for rule in schema.config.rules:
        if rule.effect == "reject":
            yield rules.rejection_job, (folder, rule.id)
        elif rule.effect == "require":
            yield preconditions.need_job, (folder, rule.id)
        if rule.effect != "dormant":
            yield rules.batching_job, (folder, rule.id)
    yield from ((jobs.outside_job, (folder, name)) for name in schema.params)


def of_the_rest(schema: Schema, folder: str) -> Iterator[Job]:
    """Rules beside other parameters, witnesses, pairs, and values under the usual settings."""
    for rule in schema.config.rules:
        if rule.effect == "dormant":
            yield rules.dormant_job, (folder, rule.id)
            yield from ((crossing.dormancy_job, (folder, rule.id, name)) for name in rule.fields)
        else:
            yield crossing.refusal_job, (folder, rule.id)
    yield from ((jobs.witness_job, (folder, name)) for name in schema.params if name in witnesses.WITNESSES)
    yield jobs.pair_job, (folder,)
    yield from (
        (jobs.context_job, (folder, name, label)) for name in schema.params for label in places.usual(schema)
    )


class Workers:
    """The worker processes, and the report of all their jobs so far.

    Args:
        pool: of the processes.
    """

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self.total = Report()

    def run(self, todo: Sequence[Job], what: str) -> None:
        """Do some jobs; each new cause of problems is printed as soon as it is found."""
        waiting: set[Future[Report]] = {self._pool.submit(attempt, job, arguments) for job, arguments in todo}
        count = len(waiting)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for each in done:
                self._take(each.result())
            causes = f"; {len(self.total.causes)} causes of problems" if self.total.causes else ""
            progress(f"{what}: {count - len(waiting)} of {count}{causes}")
        progress("")

    def _take(self, report: Report) -> None:
        before = set(self.total.causes)
        self.total.add(report)
        for cause in self.total.causes.keys() - before:
            progress("")
            print(self.total.causes[cause], flush=True)


@contextmanager
def workers(folder: str, plan: Plan) -> Iterator[Workers]:
    """Processes that are ready for jobs. An interrupt stops them at once: each call that was made is kept."""
    with ProcessPoolExecutor(
        PROCESSES, get_context("spawn"), initializer=jobs.prepare, initargs=(folder, plan, os.getpid())
    ) as pool:
        try:
            yield Workers(pool)
        except BaseException:
            for process in list(getattr(pool, "_processes", {}).values()):
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def attempt(job: Callable[..., Report], arguments: tuple[Any, ...]) -> Report:
    """Do a job. If it finds a problem and recalled a call, it is done again, and every call is made.

    So a problem is never reported from memory.
    """
    memory = CURRENT.get()
    if memory is None:
        return job(*arguments)
    recalled, made = memory.recalled, memory.made
    report = job(*arguments)
    if report.causes and memory.recalled > recalled:
        with memory.forgetting():
            report = job(*arguments)
    report.made, report.recalled = memory.made - made, memory.recalled - recalled
    return report


def progress(text: str) -> None:
    """One line on a terminal, in place of the last one; nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
