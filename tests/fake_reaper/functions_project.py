"""The fake's API, first part: projects, undo, tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_reaper.checks import POINTERS, StrictError
from fake_reaper.model import Handle, Item, Project, Take, Track, Undo, fingerprint

if TYPE_CHECKING:
    from fake_reaper.host import FakeReaper

TRACK_VALUES = {
    "I_FOLDERDEPTH", "I_CUSTOMCOLOR", "B_MUTE", "I_SOLO", "I_SELECTED", "D_VOL", "I_FREEMODE",
}  # fmt: skip


def text_field(owner: Any, parameter: str, new: str | None) -> tuple[bool, str]:
    """GetSet…Info_String of tracks, items and takes."""
    if parameter == "GUID":
        return True, owner.guid
    if parameter == "P_NAME":
        if new is not None:
            owner.name = new
        return True, owner.name
    if not parameter.startswith("P_EXT:"):
        raise StrictError(f"unknown parameter {parameter}")
    if new is not None:
        owner.ext[parameter[6:]] = new
    return parameter[6:] in owner.ext, owner.ext.get(parameter[6:], "")


class ProjectFunctions:
    """Methods bear the names of the API."""

    host: FakeReaper

    def project(self, proj: Project | int | None) -> Project:
        return proj if isinstance(proj, Project) else self.host.active

    def project_of(self, track: Track) -> Project:
        return next(p for p in self.host.projects if track in p.tracks)

    def edit(self, proj: Project) -> None:
        """Called by all that change a project: it must be inside an undo block of it."""
        if not proj.open_blocks:
            self.host.violate("a project was changed outside an undo block")

    def EnumProjects(self, idx: int) -> tuple[Project | None, str]:
        if idx == -1:
            return self.host.active, self.host.active.path
        if 0 <= idx < len(self.host.projects):
            return self.host.projects[int(idx)], self.host.projects[int(idx)].path
        return None, ""

    def SelectProjectInstance(self, proj: Project) -> None:
        self.host.active = self.project(proj)

    def GetProjExtState(self, proj: Project, section: str, key: str) -> tuple[int, str]:
        text = self.project(proj).ext.get((section.lower(), key.lower()), "")
        return len(text), text

    def SetProjExtState(self, proj: Project, section: str, key: str, value: str) -> int:
        self.project(proj).ext[section.lower(), key.lower()] = value
        return 1

    def GetProjectStateChangeCount(self, proj: Project) -> int:
        return fingerprint(self.project(proj))

    def Main_SaveProject(self, proj: Project, save_as: bool) -> None:
        if save_as and self.host.save_as:
            self.project(proj).path = self.host.save_as

    def GetSet_LoopTimeRange2(
        self, proj: Project, is_set: bool, is_loop: bool, start: float, end: float, seek: bool
    ) -> tuple[float, float]:
        if is_set:
            raise StrictError("scripts have no business changing the time selection")
        return self.project(proj).time_selection

    def ValidatePtr2(self, proj: Project, pointer: Handle | None, name: str) -> bool:
        kind = POINTERS.get(name.rstrip("*"))
        if kind is None or not name.endswith("*"):
            raise StrictError(f"unknown type {name}")
        if not isinstance(pointer, kind) or not pointer.alive:
            return False
        if isinstance(pointer, Project):
            return pointer in self.host.projects
        if isinstance(proj, Project) and not proj.alive:
            return False
        return any(pointer is h for h in self.project(proj).handles())

    def Undo_BeginBlock2(self, proj: Project) -> None:
        self.project(proj).open_blocks.append(self.project(proj).memento())

    def Undo_EndBlock2(self, proj: Project, text: str, flags: int) -> None:
        proj = self.project(proj)
        if not proj.open_blocks:
            raise StrictError("Undo_EndBlock2 without Undo_BeginBlock2")
        before = proj.open_blocks.pop()
        if not proj.open_blocks:
            proj.undo.append(Undo(text, before))

    def Undo_CanUndo2(self, proj: Project) -> str | None:
        undo = self.project(proj).undo
        return undo[-1].text if undo else None

    def Undo_DoUndo2(self, proj: Project) -> int:
        proj = self.project(proj)
        if not proj.undo:
            return 0
        proj.restore(proj.undo.pop().before)
        return 1

    def CountTracks(self, proj: Project) -> int:
        return len(self.project(proj).tracks)

    def GetTrack(self, proj: Project, idx: int) -> Track | None:
        tracks = self.project(proj).tracks
        return tracks[int(idx)] if 0 <= idx < len(tracks) else None

    def InsertTrackInProject(self, proj: Project, idx: int, flags: int) -> None:
        proj = self.project(proj)
        self.edit(proj)
        proj.tracks.insert(min(int(idx), len(proj.tracks)), Track())

    def InsertTrackAtIndex(self, idx: int, defaults: bool) -> None:
        self.InsertTrackInProject(self.host.active, idx, 0)

    def GetTrackGUID(self, track: Track) -> str:
        return track.guid

    def GetTrackName(self, track: Track) -> tuple[bool, str]:
        number = self.project_of(track).tracks.index(track) + 1
        return True, track.name or f"Track {number}"

    def GetMediaTrackInfo_Value(self, track: Track, parameter: str) -> float:
        if parameter == "IP_TRACKNUMBER":
            return float(self.project_of(track).tracks.index(track) + 1)
        return track.values[self.known(parameter, TRACK_VALUES)]

    def SetMediaTrackInfo_Value(self, track: Track, parameter: str, value: float) -> bool:
        self.edit(self.project_of(track))
        track.values[self.known(parameter, TRACK_VALUES)] = float(value)
        return True

    def GetSetMediaTrackInfo_String(
        self, track: Track, parameter: str, text: str, is_set: bool
    ) -> tuple[bool, str]:
        if is_set:
            self.edit(self.project_of(track))
        return text_field(track, parameter, text if is_set else None)

    def TrackList_AdjustWindows(self, minor: bool) -> None:
        self.host.counters["adjust_windows"] += 1

    @staticmethod
    def known(parameter: str, table: set[str]) -> str:
        if parameter not in table:
            raise StrictError(f"unknown parameter {parameter}")
        return parameter

    def project_of_item(self, item: Item) -> Project:
        return self.project_of(item.track)

    def project_of_take(self, take: Take) -> Project:
        return self.project_of(take.item.track)
