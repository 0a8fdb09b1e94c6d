"""The command line: one thin command per task of a user.

Exit codes: 0 done, 130 cancelled, and those of ``avstem.errors`` for everything else.
"""

from __future__ import annotations

import io
import json
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from avstem import __version__
from avstem.arguments import (
    parse_assignments,
    parse_boxes,
    parse_conditioning,
    parse_list,
    parse_offset,
    parse_players,
    parse_size,
    picture,
)
from avstem.errors import AvstemError, Cancelled, RequestError
from avstem.request import Request, StemFormat
from avstem.show import ConsoleShow, JsonShow, Show, fraction_bar

# Commands that live in other packages: module with a Typer ``app``, and its name (None: joined).
MOUNTED = (
    ("osc_bridge.commands", None),
    ("osc_bridge.install", "reaper"),
    ("avstem.panel.commands", None),
    ("avstem.batch.commands", "batch"),
)

app = typer.Typer(
    help="One clean, labeled stem per player from the video of a recorded ensemble.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

VideoArgument = Annotated[Path | None, typer.Argument(help="The performance video.")]
ScoreOption = Annotated[Path | None, typer.Option("--score", help="MIDI or MusicXML score.")]
AudioOption = Annotated[Path | None, typer.Option("--audio", help="Mixture; else the video's.")]
OffsetOption = Annotated[
    float, typer.Option("--audio-offset", help="Where --audio starts in the video, seconds.")
]
StreamOption = Annotated[
    int | None, typer.Option("--audio-stream", help="Which audio stream to take, from 0.")
]
AudioOnlyOption = Annotated[bool, typer.Option("--audio-only", help="Work without a picture.")]
PlayersOption = Annotated[
    str | None, typer.Option("--players", help="Number of players (or of sources), or auto.")
]
BoxesOption = Annotated[
    list[str] | None, typer.Option("--boxes", help="A player's box x0,y0,x1,y1 (repeat).")
]
AssignOption = Annotated[
    list[str] | None,
    typer.Option("--assign", help='Fix a match: "Violin 1=2", or "Viola=off" (repeat).'),
]
CacheOption = Annotated[Path | None, typer.Option("--cache", help="Folder of the motion cache.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line, for machines.")]


@app.command()
def separate(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the stems.")],
    video: VideoArgument = None,
    score: ScoreOption = None,
    audio: AudioOption = None,
    audio_offset: OffsetOption = 0.0,
    audio_stream: StreamOption = None,
    audio_only: AudioOnlyOption = False,
    conditioning: Annotated[
        str, typer.Option(help="score or score+motion; motion or audio need no score.")
    ] = "score",
    method: Annotated[str, typer.Option(help="Separation method.")] = "default",
    players: PlayersOption = None,
    boxes: BoxesOption = None,
    assign: AssignOption = None,
    stem_format: Annotated[StemFormat, typer.Option("--format", help="How stems are stored.")] = (
        StemFormat.FLOAT
    ),
    fx: Annotated[Path | None, typer.Option("--fx", help="TOML file of effect chains.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a result.")] = False,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Separate a recording into one labeled stem per part of its score, or per visible player."""
    show = _show(as_json)

    def job() -> None:
        request = Request(
            score=score,
            output=output,
            video=picture(video, audio_only),
            audio=audio,
            audio_offset_s=parse_offset(audio_offset, audio),
            audio_stream=audio_stream,
            conditioning=parse_conditioning(conditioning),
            method=method,
            players=parse_players(players),
            boxes=parse_boxes(boxes or []),
            assignments=parse_assignments(assign or []),
            stem_format=stem_format,
            effects=fx,
            overwrite=overwrite,
            cache=cache,
        )
        with show:
            result = import_module("avstem.pipeline").run(request, show)
        show.finish(result, f"Stems and report: {output}")

    _guard(job, show)


@app.command()
def associate(
    video: Annotated[Path, typer.Argument(help="The performance video.")],
    score: ScoreOption = None,
    audio: AudioOption = None,
    audio_offset: OffsetOption = 0.0,
    audio_stream: StreamOption = None,
    players: PlayersOption = None,
    boxes: BoxesOption = None,
    assign: AssignOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find which visible player plays which part, without separating."""
    show = _show(as_json)

    def job() -> None:
        request = Request(
            score=score,
            output=Path(),
            video=video,
            audio=audio,
            audio_offset_s=parse_offset(audio_offset, audio),
            audio_stream=audio_stream,
            players=parse_players(players),
            boxes=parse_boxes(boxes or []),
            assignments=parse_assignments(assign or []),
            cache=cache,
        )
        with show:
            result = import_module("avstem.pipeline").associate(request, show)
        show.finish(result, "")

    _guard(job, show)


@app.command()
def simulate(
    score: Annotated[Path, typer.Argument(help="MIDI or MusicXML score.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the recording.")],
    parts: Annotated[
        str | None, typer.Option(help="Parts that play: names or numbers from 0, comma-separated.")
    ] = None,
    instruments: Annotated[
        str | None, typer.Option(help="What they play, one per part, comma-separated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same recording.")] = 0,
    difficulty: Annotated[float, typer.Option(help="0 (easy) to 1 (hard).")] = 0.5,
    seconds: Annotated[float | None, typer.Option(help="Length; else the whole score.")] = None,
    start: Annotated[float, typer.Option(help="Score time to begin at, seconds.")] = 0.0,
    size: Annotated[str, typer.Option(help="Picture as WIDTHxHEIGHT, or none.")] = "640x360",
    frame_rate: Annotated[float, typer.Option(help="Frames per second.")] = 30.0,
    rate: Annotated[int, typer.Option(help="Sample rate.")] = 48000,
    channels: Annotated[int, typer.Option(help="1 or 2.")] = 2,
    synth: Annotated[str, typer.Option(help="fluidsynth or additive.")] = "fluidsynth",
    cuts: Annotated[int, typer.Option(help="How many times the camera cuts.")] = 0,
    pans: Annotated[int, typer.Option(help="How many times the camera pans.")] = 0,
    hidden: Annotated[int, typer.Option(help="Players who are hidden for half of it.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder.")] = False,
) -> None:
    """Perform a score with a simulated ensemble: video, mixture, stems and the truth."""

    def job() -> None:
        with fraction_bar("simulation") as progress:
            folder = import_module("avstem.simulate").simulate(
                score,
                output,
                parts=parse_list(parts),
                instruments=parse_list(instruments),
                overwrite=overwrite,
                seed=seed,
                difficulty=difficulty,
                seconds=seconds,
                start_s=start,
                size=parse_size(size),
                frame_rate_hz=frame_rate,
                rate_hz=rate,
                channels=channels,
                synth=synth,
                cuts=cuts,
                pans=pans,
                hidden=hidden,
                progress=progress,
            )
        typer.echo(f"Simulated recording: {folder}")

    _guard(job, _show(False))


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the stems.")] = (
        Path("demo-stems")
    ),
) -> None:
    """Separate the example quartet that comes with the sources, and check it against the truth."""
    show = _show(False)

    def job() -> None:
        folder = Path(__file__).resolve().parents[1] / "examples" / "quartet"
        if not folder.is_dir():
            raise RequestError(
                f"The example recording is part of the source checkout; no folder {folder}.",
                "Run from a clone of the repository, or make one with 'avstem simulate'.",
            )
        request = Request(
            score=folder / "score.mid", output=output, video=folder / "video.mp4", overwrite=True
        )
        with show:
            result = import_module("avstem.pipeline").run(request, show)
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        show.finish(result, f"Stems and report: {output / 'report.html'}", truth)

    _guard(job, show)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _show(as_json: bool) -> Show:
    return JsonShow() if as_json else ConsoleShow()


def _guard(job: Callable[[], None], show: Show) -> None:
    """Run a job; turn errors and Ctrl-C into a message and an exit code."""
    signal.signal(signal.SIGTERM, _cancel)
    try:
        job()
    except KeyboardInterrupt:
        _fail(Cancelled("Cancelled.", "Nothing was left behind."), show)
    except AvstemError as error:
        _fail(error, show)


def _fail(error: AvstemError, show: Show) -> None:
    show.fail(error)
    raise typer.Exit(error.exit_code)


def _cancel(*_: Any) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Entry point of the ``avstem`` program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name must not fail in a narrow encoding
            stream.reconfigure(errors="backslashreplace")
    _mount()
    app()


def _mount() -> None:
    """Add the commands that live in other packages; each imports its own parts when called."""
    for module, name in MOUNTED:
        app.add_typer(import_module(module).app, name=name)


if __name__ == "__main__":
    main()
