"""The score: which parts there are and what they play, from MIDI or MusicXML.

Score time is in seconds by the score's own tempo marks; the alignment maps it to media time.
"""

from __future__ import annotations

from pathlib import Path

from avstem.datatypes import Score
from avstem.errors import ScoreError
from avstem.media.midi import read_midi
from avstem.media.musicxml import read_musicxml
from avstem.media.parts import to_score

_KINDS = "Give a MIDI file (.mid) or a MusicXML file (.musicxml, .mxl)."


def read_score(path: Path) -> Score:
    """Read a score; parts without notes are left out, and what is odd is told in ``warnings``.

    Which format it is, its first bytes tell, not its name.

    Raises
    ------
    ScoreError
        If the file is missing, damaged, of another kind, or holds no pitched notes.
    MissingExtra
        If it is MusicXML and the extra ``musicxml`` is not installed.
    """
    path = Path(path)
    content = _content(path)
    if content.startswith(b"RIFF") and b"MThd" in content[:64]:
        content = content[content.index(b"MThd") :]  # .rmi: a MIDI file in a RIFF envelope
    if content.startswith(b"MThd"):
        raw, warnings = read_midi(path, content)
    elif content.startswith(b"PK") or b"<" in content[:256].replace(b"\0", b""):
        raw, warnings = read_musicxml(path, content)
    else:
        raise ScoreError(f"The file {path} is neither MIDI nor MusicXML.", _KINDS)
    return to_score(raw, warnings)


def _content(path: Path) -> bytes:
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise ScoreError(f"Expected a score, found {found}: {path}.", _KINDS)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScoreError(f"The score {path} cannot be read: {error.strerror}.", _KINDS) from error
    if not content:
        raise ScoreError(f"The score {path} is empty (0 bytes).", _KINDS)
    return content
