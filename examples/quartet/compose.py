"""Write ``score.mid``: a short minuet for string quartet, composed for this example.

Each line is one bar of 3/4; a word is a note and its length in quarters, ``r`` a rest.
"""

from pathlib import Path

import pretty_midi

QUARTER_S = 60.0 / 100.0
VIOLIN_1 = """D5:1 G5:1.5 F#5:.5 | A5:1 F#5:1 D5:1 | G5:.5 F#5:.5 E5:1 B5:1
C6:1.5 B5:.5 A5:.5 G5:.5
B5:2 G5:1 | A5:.5 G5:.5 F#5:.5 E5:.5 C5:.5 E5:.5 | D5:1 F#5:1 A5:1 | C6:1.5 B5:.5 A5:1
B5:.5 A5:.5 G5:1 D5:1 | E5:1 G5:1 C6:1 | B5:.5 A5:.5 G5:1 F#5:1 | G5:3"""
VIOLIN_2 = """r:.5 B4:.5 D5:.5 B4:.5 G4:.5 B4:.5 | r:.5 A4:.5 D5:.5 A4:.5 F#4:.5 A4:.5
r:.5 G4:.5 B4:.5 G4:.5 E4:.5 G4:.5 | r:.5 G4:.5 C5:.5 E5:.5 C5:.5 G4:.5 | D5:1.5 B4:.5 D5:1
C5:1 A4:1 C5:1 | A4:.5 G4:.5 F#4:.5 A4:.5 D5:.5 C5:.5 | A4:1 D5:1 C5:1 | r:1 D5:.5 C5:.5 B4:1
C5:.5 B4:.5 C5:1 E5:1 | D5:1 E5:.5 D5:.5 C5:1 | B4:3"""
VIOLA = """D4:2 B3:1 | A3:1.5 B3:.5 C4:1 | B3:2 E4:1 | E4:1 C4:1 E4:1 | G3:1 B3:1 D4:1 | E4:2 C4:1
A3:.5 B3:.5 C4:1 A3:1 | F#4:2 D4:1 | D4:1 E4:.5 F#4:.5 G4:1 | G4:1.5 F#4:.5 E4:1 | D4:1 E4:1 C4:1
B3:3"""
CELLO = """G2:2 B2:1 | F#2:2 D3:1 | E2:1 E3:1 D3:1 | C3:1 E3:1 C3:1 | B2:1.5 A2:.5 G2:1 | A2:3
D3:1 C3:1 F#2:1 | D2:2 D3:.5 C3:.5 | G2:1 A2:1 B2:1 | C3:1 B2:1 A2:1 | D3:2 D2:1 | G2:3"""
PARTS = (
    ("Violin 1", 40, VIOLIN_1),
    ("Violin 2", 40, VIOLIN_2),
    ("Viola", 41, VIOLA),
    ("Cello", 42, CELLO),
)


def compose(path: Path) -> None:
    midi = pretty_midi.PrettyMIDI(resolution=960)
    for name, program, text in PARTS:
        track, now = pretty_midi.Instrument(program, name=name), 0.0
        for word in text.replace("|", " ").split():
            pitch, length = word.split(":")
            end = now + float(length) * QUARTER_S
            if pitch != "r":
                number = pretty_midi.note_name_to_number(pitch)
                track.notes.append(pretty_midi.Note(80, number, now, end))
            now = end
        midi.instruments.append(track)
    midi.write(str(path))


if __name__ == "__main__":
    compose(Path(__file__).with_name("score.mid"))
