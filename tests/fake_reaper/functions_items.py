"""The fake's API, second part: items, takes, sources, MIDI."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fake_reaper.checks import StrictError
from fake_reaper.functions_project import ProjectFunctions, text_field
from fake_reaper.media import media_kind, media_length
from fake_reaper.model import Item, Project, Source, Take, Track

ITEM_VALUES = {"D_POSITION", "D_LENGTH", "B_LOOPSRC", "B_MUTE", "B_UISEL", "C_LANEPLAYS"}
TAKE_VALUES = {"D_STARTOFFS", "D_PLAYRATE", "D_VOL", "B_PPITCH"}


class ItemFunctions(ProjectFunctions):
    """Methods bear the names of the API."""

    def CountMediaItems(self, proj: Project) -> int:
        return sum(1 for _ in self.project(proj).items())

    def GetMediaItem(self, proj: Project, idx: int) -> Item | None:
        items = list(self.project(proj).items())
        return items[int(idx)] if 0 <= idx < len(items) else None

    def selected(self, proj: Project) -> list[Item]:
        return [i for i in self.project(proj).items() if i.values["B_UISEL"]]

    def CountSelectedMediaItems(self, proj: Project) -> int:
        return len(self.selected(proj))

    def GetSelectedMediaItem(self, proj: Project, idx: int) -> Item | None:
        items = self.selected(proj)
        return items[int(idx)] if 0 <= idx < len(items) else None

    def IsMediaItemSelected(self, item: Item) -> bool:
        return bool(item.values["B_UISEL"])

    def CountTrackMediaItems(self, track: Track) -> int:
        return len(track.items)

    def GetTrackMediaItem(self, track: Track, idx: int) -> Item | None:
        return track.items[int(idx)] if 0 <= idx < len(track.items) else None

    def GetMediaItemTrack(self, item: Item) -> Track:
        return item.track

    def AddMediaItemToTrack(self, track: Track) -> Item:
        self.edit(self.project_of(track))
        item = Item(track)
        track.items.append(item)
        return item

    def GetMediaItemInfo_Value(self, item: Item, parameter: str) -> float:
        return float(item.values[self.known(parameter, ITEM_VALUES)])

    def SetMediaItemInfo_Value(self, item: Item, parameter: str, value: float) -> bool:
        self.edit(self.project_of_item(item))
        item.values[self.known(parameter, ITEM_VALUES)] = float(value)
        return True

    def GetSetMediaItemInfo_String(
        self, item: Item, parameter: str, text: str, is_set: bool
    ) -> tuple[bool, str]:
        if is_set:
            self.edit(self.project_of_item(item))
        return text_field(item, parameter, text if is_set else None)

    def CountTakes(self, item: Item) -> int:
        return len(item.takes)

    def GetTake(self, item: Item, idx: int) -> Take | None:
        return item.takes[int(idx)] if 0 <= idx < len(item.takes) else None

    def GetActiveTake(self, item: Item) -> Take | None:
        return item.takes[item.active] if item.takes else None

    def SetActiveTake(self, take: Take) -> None:
        self.edit(self.project_of_take(take))
        take.item.active = take.item.takes.index(take)

    def AddTakeToMediaItem(self, item: Item) -> Take:
        self.edit(self.project_of_item(item))
        take = Take(item)
        item.takes.append(take)
        return take

    def GetTakeName(self, take: Take) -> str:
        return take.name

    def GetTakeNumStretchMarkers(self, take: Take) -> int:
        return take.stretch_markers

    def GetMediaItemTakeInfo_Value(self, take: Take, parameter: str) -> float:
        return float(take.values[self.known(parameter, TAKE_VALUES)])

    def SetMediaItemTakeInfo_Value(self, take: Take, parameter: str, value: float) -> bool:
        self.edit(self.project_of_take(take))
        take.values[self.known(parameter, TAKE_VALUES)] = float(value)
        return True

    def GetSetMediaItemTakeInfo_String(
        self, take: Take, parameter: str, text: str, is_set: bool
    ) -> tuple[bool, str]:
        if is_set:
            self.edit(self.project_of_take(take))
        return text_field(take, parameter, text if is_set else None)

    def GetMediaItemTake_Source(self, take: Take) -> Source | None:
        return take.source

    def SetMediaItemTake_Source(self, take: Take, source: Source) -> bool:
        self.edit(self.project_of_take(take))
        if source.owned:
            raise StrictError("a source belongs to one take only")
        source.owned = True
        self.host.loose_sources.discard(source)
        take.source = source
        return True


class SourceFunctions(ItemFunctions):
    """Sources and what they play."""

    def PCM_Source_CreateFromFile(self, path: str) -> Source | None:
        length = media_length(Path(path))
        if length is None or path in self.host.unreadable:
            return None
        source = Source(media_kind(Path(path)), path, length, owned=False)
        self.host.loose_sources.add(source)
        return source

    def PCM_Source_Destroy(self, source: Source) -> None:
        if source.owned:
            raise StrictError("this source belongs to a take: REAPER would crash")
        source.alive = False
        self.host.loose_sources.discard(source)

    def PCM_Source_BuildPeaks(self, source: Source, mode: int) -> int:
        if mode == 0:
            return int(source.peaks < 100)
        if mode == 1:
            source.peaks = min(100, source.peaks + 50)
            return 100 - source.peaks
        return 0

    def PCM_Source_GetSectionInfo(self, source: Source) -> tuple[bool, float, float, bool]:
        if source.section is None:
            return False, 0.0, 0.0, False
        return True, *source.section

    def GetMediaSourceParent(self, source: Source) -> Source | None:
        return source.parent

    def GetMediaSourceFileName(self, source: Source, buffer: str) -> str:
        return source.file

    def GetMediaSourceType(self, source: Source, buffer: str) -> str:
        return source.kind

    def GetMediaSourceLength(self, source: Source) -> tuple[float, bool]:
        return source.length, source.is_midi

    def TakeIsMIDI(self, take: Take) -> bool:
        return bool(take.source and take.source.is_midi)

    def midi(self, take: Take) -> Source:
        if take.source is None or not take.source.is_midi:
            raise StrictError("a MIDI take was expected")
        return take.source

    def MIDI_CountEvts(self, take: Take) -> tuple[int, int, int, int]:
        source = self.midi(take)
        return len(source.notes) + len(source.controls), len(source.notes), len(source.controls), 0

    def MIDI_GetNote(
        self, take: Take, idx: int
    ) -> tuple[bool, bool, bool, float, float, int, int, int]:
        notes = self.midi(take).notes
        if not 0 <= idx < len(notes):
            return False, False, False, 0.0, 0.0, 0, 0, 0
        n = notes[int(idx)]
        return True, False, n.muted, n.on, n.off, n.channel, n.pitch, n.velocity

    def MIDI_GetCC(
        self, take: Take, idx: int
    ) -> tuple[bool, bool, bool, float, int, int, int, int]:
        controls = self.midi(take).controls
        if not 0 <= idx < len(controls):
            return False, False, False, 0.0, 0, 0, 0, 0
        ticks, kind, channel, first, second = controls[int(idx)]
        return True, False, False, ticks, kind, channel, first, second

    def MIDI_GetHash(self, take: Take, notes_only: bool, buffer: str) -> tuple[bool, str]:
        rows = [
            (n.on, n.off, n.channel, n.pitch, n.velocity, n.muted) for n in self.midi(take).notes
        ]
        return True, hashlib.sha1(repr(rows).encode()).hexdigest()

    def first_quarter(self, take: Take) -> float:
        """Project quarter note at which the item begins."""
        return self.project_of_take(take).tempo.to_quarters(take.item.values["D_POSITION"])

    def source_offset(self, take: Take) -> float:
        """Quarter notes of the source before the item begins."""
        tempo = self.project_of_take(take).tempo
        start_s = take.item.values["D_POSITION"]
        until = tempo.to_quarters(start_s + take.values["D_STARTOFFS"])
        return until - tempo.to_quarters(start_s)

    def MIDI_GetProjTimeFromPPQPos(self, take: Take, ppq: float) -> float:
        own_bpm = self.midi(take).own_bpm
        if own_bpm:
            source_s = ppq / self.midi(take).ppq * 60.0 / own_bpm - take.values["D_STARTOFFS"]
            return float(take.item.values["D_POSITION"] + source_s / take.values["D_PLAYRATE"])
        quarters = ppq / self.midi(take).ppq - self.source_offset(take)
        at = self.first_quarter(take) + quarters / take.values["D_PLAYRATE"]
        return self.project_of_take(take).tempo.to_seconds(at)

    def MIDI_GetPPQPosFromProjQN(self, take: Take, quarters: float) -> float:
        passed = (quarters - self.first_quarter(take)) * take.values["D_PLAYRATE"]
        return (passed + self.source_offset(take)) * self.midi(take).ppq
