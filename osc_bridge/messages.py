"""The table of messages: what is said by whom to whom, with which arguments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GAIN_DB = (-60.0, 12.0)


class Way(StrEnum):
    """Who says a message to whom."""

    TO_SERVICE = "panel → service"
    FROM_SERVICE = "service → panel"
    FROM_REAPER = "REAPER → service"
    TO_REAPER = "service → REAPER"


@dataclass(frozen=True)
class Argument:
    """One argument.

    kind : OSC type ``i``, ``f`` or ``s``.
    bounds : smallest and largest value.
    uuid : whether a text is the id of a job.
    """

    name: str
    kind: str
    meaning: str
    bounds: tuple[float, float] | None = None
    uuid: bool = False


@dataclass(frozen=True)
class Entry:
    """One message; ``@`` in an address stands for a number or a word."""

    way: Way
    address: str
    arguments: tuple[Argument, ...]
    meaning: str


_JOB = Argument("job", "s", "id of the job: its folder's name in the spool", uuid=True)
_PART = Argument("part", "s", "name of the part, `stems[].part` of result.json")
_ON = Argument("on", "i", "1 or 0", (0, 1))
_LOG = Argument("log", "s", "path of the log")
_MESSAGE = Argument("message", "s", "what is wrong: what was expected, what was found")
_HINT = Argument("hint", "s", "what to do next")
_GAIN = Argument("gain_db", "f", "level of the stem's track, dB", GAIN_DB)
_FLAG = Argument("on", "f", "1 or 0")
_TIME = Argument("time_s", "f", "media time", (0, 1e7))
_WIDTH = Argument("width_px", "i", "width of the picture", (16, 4096))
_JOB_FILE = Argument("file", "s", "path below the job's folder in the spool, `/` between folders")

TABLE = (
    Entry(Way.TO_SERVICE, "/avstem/hello", (), "Who are you? Answer: `/avstem/service`"),
    Entry(
        Way.TO_SERVICE,
        "/avstem/submit",
        (_JOB,),
        "Take up the request in the spool now. Answer: `/avstem/job`",
    ),
    Entry(Way.TO_SERVICE, "/avstem/cancel", (_JOB,), "Stop a job. Answer: `/avstem/job`"),
    Entry(
        Way.TO_SERVICE,
        "/avstem/rerun",
        (_JOB, Argument("settings", "s", "changed settings of request.json as a JSON object")),
        'Run a job again with other settings, such as `{"conditioning": "motion"}`; what does '
        "not depend on them is reused. `names` and `instruments`, objects from the present name of "
        "a part to another text, rename parts. Answer: `/avstem/rerun/job`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/list",
        (),
        "Which jobs are there? Answer: `/avstem/job` for each, then `/avstem/list/end`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/about",
        (_JOB,),
        "Which job is that, and what does it offer? Answer: `/avstem/job/about`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/result",
        (_JOB,),
        "Where is what a job found? Answer: `/avstem/result/file`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/frame",
        (_JOB, _TIME, _WIDTH),
        "A frame of the job's video, at most as wide as that. Answer: `/avstem/frame/file`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/thumbnail",
        (_JOB, _PART),
        "A small spectrogram of a stem. Answer: `/avstem/thumbnail/file`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/mixer",
        (_JOB,),
        "What does REAPER make of the job's stems? Answer, as far as REAPER tells: "
        "`/avstem/player/state` and `/avstem/player/muted` for each; from then on also whenever "
        "REAPER says that one changed",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/player/solo",
        (_JOB, _PART, _ON),
        "Solo the stem of a part and release the job's other stems, or release it. "
        "Answer: `/avstem/player/state`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/player/add",
        (_JOB, _PART, _ON),
        "Solo the stem of a part besides others, or release it. Answer: `/avstem/player/state`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/player/mute",
        (_JOB, _PART, _ON),
        "Mute the stem of a part, or let it sound. Answer: `/avstem/player/muted`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/player/enhance",
        (_JOB, _PART, _GAIN),
        "Raise or lower the stem of a part. Answer: `/avstem/player/state`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/take",
        (_JOB,),
        "Make the takes of this job the active ones on its stem tracks, to compare re-runs. "
        "Answer: `/avstem/take/asked`",
    ),
    Entry(
        Way.TO_SERVICE,
        "/avstem/quit",
        (),
        "Stop the service; a running job is taken up by the next",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/service",
        (
            Argument("avstem", "s", "version of the package"),
            Argument("contract", "i", "version of the spool and of these messages"),
            Argument("pid", "i", "process id"),
            Argument("spool", "s", "path of the spool"),
            _LOG,
        ),
        "Who the service is",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/job",
        (
            _JOB,
            Argument("state", "s", "queued, running, done, failed, cancelled, inserted"),
            Argument("stage", "s", "stage of the pipeline, starting, or empty"),
            Argument("percent", "f", "of the whole job, 0 to 100"),
            Argument("ahead", "i", "jobs before this one"),
            Argument("name", "s", "name of the item"),
            Argument("message", "s", "for people"),
        ),
        "Where a job is; also sent to every panel at every change",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/job/about",
        (
            _JOB,
            Argument("family", "s", "the first job of its chain of re-runs: they share tracks"),
            Argument("project", "s", "name of the project"),
            Argument("conditioning", "s", "conditioning that was asked for"),
            Argument("submitted", "s", "time of submission, UTC, `2025-01-31T23:59:59`, or empty"),
            Argument("video", "i", "whether its selection holds a picture", (0, 1)),
            Argument("score", "i", "whether it holds notes", (0, 1)),
        ),
        "What tells a job from others of its name",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/job/failed",
        (
            _JOB,
            Argument("code", "s", "kind of error, as in status.json"),
            _MESSAGE,
            _HINT,
            _LOG,
        ),
        "Why a job failed; follows its `/avstem/job`",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/list/end",
        (Argument("count", "i", "number of jobs"),),
        "The list is complete",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/rerun/job",
        (Argument("new", "s", "id of the new job", uuid=True), _JOB),
        "The job that runs `job` again",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/result/file",
        (_JOB, _JOB_FILE),
        "What the job found: `result.json` of docs/spool.md, which names the folder of the stems",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/frame/file",
        (
            _JOB,
            _TIME,
            _JOB_FILE,
            Argument("source_width_px", "i", "width of the upright video"),
            Argument("source_height_px", "i", "its height"),
            Argument("duration_s", "f", "its length"),
        ),
        "The frame presented at the time that was asked for, a JPEG",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/frame/failed",
        (_JOB, _TIME, _MESSAGE, _HINT),
        "There is no such frame: no video, or none that can be decoded",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/thumbnail/file",
        (_JOB, _PART, _JOB_FILE),
        "The spectrogram, a PNG: time to the right over the whole stem, frequency upwards, "
        "logarithmic; the brighter, the louder",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/thumbnail/failed",
        (_JOB, _PART, _MESSAGE, _HINT),
        "There is none: the stem is gone or cannot be read",
    ),
    Entry(Way.FROM_SERVICE, "/avstem/take/asked", (_JOB,), "REAPER was asked to switch takes"),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/player/muted",
        (_JOB, _PART, _ON),
        "Whether REAPER mutes the track of a stem, after a change",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/player/state",
        (_JOB, _PART, _ON, _GAIN),
        "What REAPER says about the track of a stem, after a change",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/error",
        (Argument("address", "s", "of the message that was refused"), _MESSAGE, _HINT, _LOG),
        "A message was refused",
    ),
    Entry(
        Way.FROM_SERVICE,
        "/avstem/cursor",
        (Argument("time_s", "f", "project time of the project that REAPER shows"),),
        "Where REAPER plays or its edit cursor stands, when that changes; at most ten times a "
        "second",
    ),
    Entry(Way.FROM_SERVICE, "/avstem/stopping", (), "The service ends"),
    Entry(
        Way.FROM_REAPER,
        "/track/@/name",
        (Argument("name", "s", "of the track"),),
        "Name of the track in a slot of the bank, from 1",
    ),
    Entry(Way.FROM_REAPER, "/track/@/solo", (_FLAG,), "Whether it is soloed"),
    Entry(Way.FROM_REAPER, "/track/@/mute", (_FLAG,), "Whether it is muted"),
    Entry(
        Way.FROM_REAPER,
        "/track/@/volume/db",
        (Argument("gain_db", "f", "level, dB"),),
        "Its level; far below -100 for silence",
    ),
    Entry(
        Way.FROM_REAPER,
        "/time",
        (Argument("time_s", "f", "project time"),),
        "Where it plays, or where the edit cursor stands",
    ),
    Entry(Way.TO_REAPER, "/action/@", (), "Run an action by its number or `_RS...` name"),
    Entry(Way.TO_REAPER, "/track/@/solo", (_ON,), "Solo the track in a slot"),
    Entry(Way.TO_REAPER, "/track/@/mute", (_ON,), "Mute it"),
    Entry(Way.TO_REAPER, "/track/@/volume/db", (_GAIN,), "Set its level"),
)
