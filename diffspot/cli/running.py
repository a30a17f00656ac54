"""What the commands that compare share: pairs in, a run with its progress, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from diffspot.backends import CPU
from diffspot.cli.streams import say
from diffspot.errors import ExitCode, OptionError
from diffspot.options.options import OUTPUTS, option_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from diffspot.cli.console import Style
    from diffspot.model import ImagePair
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Outputs


class Running(NamedTuple):
    """How a run uses the machine, and what it prints.

    Attributes:
        style: what goes to standard output.
        jobs: pairs compared at a time; None is one for each core.
        backend: what does the array work.
        debug: let a fault end the run with its traceback.
    """

    style: Style
    jobs: int | None
    backend: str
    debug: bool


def refuse_outputs_of_parts(values: Mapping[str, Any], flag: str) -> None:
    """Refuses the flags of outputs that only the whole run can have."""
    refuse_stages(values, flag)
    for option in option_fields().values():
        if option.stage == OUTPUTS and values.get(option.name) is not None:
            raise OptionError(
                f"{option.flag} is of the whole run; leave it out with {flag} and give it to diffspot merge."
            )


def refuse_stages(values: Mapping[str, Any], flag: str) -> None:
    """Refuses --stages, whose one directory would lose what others wrote there."""
    if values.get("stages") is not None:
        raise OptionError(f"--stages is of a run on one machine; leave it out with {flag}.")


def run_shown(
    pairs: Sequence[ImagePair],
    settings: Settings,
    outputs: Outputs,
    running: Running,
    *,
    inputs: Sequence[Path],
    report: Path | None,
    resume: bool,
    whole: bool,
) -> ExitCode:
    """Compares pairs, and shows it.

    Args:
        pairs: as for `run`.
        settings: as for `run`.
        outputs: opened; they are left here.
        running: how.
        inputs: as for `run`.
        report: the file that the results come to lie in, if there is one.
        resume: as for `run`.
        whole: whether these are all pairs, so that what no pair meets is in doubt.
    """
    from diffspot.cli.console import Console  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.cli.doubts import doubts_after  # noqa: PLC0415
    from diffspot.cli.signals import stopped_by_signals  # noqa: PLC0415
    from diffspot.runner.run import run  # noqa: PLC0415

    if running.backend != CPU:
        from diffspot.runner.warm_up import warm_up  # noqa: PLC0415  nor is it needed on the CPU

        warm_up(running.backend, say)
    console = Console(running.style, total=len(pairs), report=report, options=settings.base)
    with outputs, console, stopped_by_signals() as stop:
        found = run(
            pairs,
            settings,
            inputs=inputs,
            outputs=outputs,
            jobs=running.jobs,
            backend=running.backend,
            on_result=console.add,
            stop=stop,
            resume=resume,
            debug=running.debug,
        )
        if found.interrupted:
            console.tell_interrupted(found)
        console.finish(found, outputs)
        for doubt in doubts_after(found) if whole and running.style != "quiet" else ():
            say(doubt)
    return ExitCode.TROUBLE if outputs.failures else found.exit_code
