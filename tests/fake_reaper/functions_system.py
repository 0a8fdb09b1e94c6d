"""The fake's API, third part: the program around the projects."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path

from fake_reaper.checks import StrictError
from fake_reaper.functions_items import SourceFunctions
from fake_reaper.model import new_guid

BOX_ANSWERS = {0: {1}, 1: {1, 2}, 3: {6, 7, 2}, 4: {6, 7}, 5: {4, 2}}


class SystemFunctions(SourceFunctions):
    """Methods bear the names of the API."""

    def time_precise(self) -> float:
        return self.host.now_s()

    def set_action_options(self, flag: int) -> None:
        self.host.script.options = int(flag)

    def get_action_context(self) -> tuple[bool, str, int, int, int, int, int]:
        return True, str(self.host.script.path), 0, self.host.script.command, -1, -1, -1

    def MB(self, text: str, title: str, kind: int) -> int:
        answer = self.host.answer_box(text, title, int(kind))
        if not isinstance(answer, int) or answer not in BOX_ANSWERS[int(kind)]:
            raise StrictError(f"a box of kind {kind} cannot answer {answer}")
        return answer

    def GetUserInputs(
        self, title: str, fields: int, captions: str, values: str
    ) -> tuple[bool, str]:
        if int(fields) != len(captions.split(",")):
            raise StrictError(f"{fields} fields are named {captions!r}")
        answer = self.host.answer_box(captions, title, 1)
        return isinstance(answer, str), answer if isinstance(answer, str) else values

    def GetExtState(self, section: str, key: str) -> str:
        return self.host.ext_state.get((section, key), ("", False))[0]

    def SetExtState(self, section: str, key: str, value: str, persist: bool) -> None:
        self.host.ext_state[section, key] = (value, persist)

    def GetResourcePath(self) -> str:
        return str(self.host.resource_path)

    def get_ini_file(self) -> str:
        return str(self.host.resource_path / "reaper.ini")

    def GetAppVersion(self) -> str:
        return self.host.version

    def GetOS(self) -> str:
        return self.host.system

    def genGuid(self, buffer: str) -> str:
        return new_guid()

    def file_exists(self, path: str) -> bool:
        return Path(path).is_file()

    def RecursiveCreateDirectory(self, path: str, ignored: int) -> int:
        try:
            Path(path).mkdir(parents=True, exist_ok=True)
        except OSError:
            return 0
        return 1

    def EnumerateSubdirectories(self, path: str, idx: int) -> str | None:
        """REAPER remembers the list until it is asked for -1."""
        if idx == -1 or path not in self.host.folder_lists:
            folder = Path(path)
            names = [p.name for p in folder.iterdir() if p.is_dir()] if folder.is_dir() else []
            self.host.folder_lists[path] = names
        names = self.host.folder_lists[path]
        return names[int(idx)] if 0 <= idx < len(names) else None

    def ExecProcess(self, command: str, timeout_ms: int) -> str | None:
        if timeout_ms != -1:
            raise StrictError("only ExecProcess(…, -1) does not block REAPER")
        self.host.processes.append(command)
        self.host.on_process(command)
        return None

    def AddRemoveReaScript(self, add: bool, section: int, path: str, commit: bool) -> int:
        if not add or section != 0:
            raise StrictError("only adding to the main section is known here")
        return self.host.register(Path(path)) if Path(path).is_file() else 0

    def ReverseNamedCommandLookup(self, command: int) -> str | None:
        return self.host.command_ids.get(int(command))

    def NamedCommandLookup(self, name: str) -> int:
        if not name.startswith("_"):
            raise StrictError("a named command is looked up with its leading _")
        for command, identifier in self.host.command_ids.items():
            if "_" + identifier == name:
                return command
        return 0

    def ColorToNative(self, r: int, g: int, b: int) -> int:
        """As on Linux and Windows: blue is the highest byte."""
        return int(r) | int(g) << 8 | int(b) << 16

    def PreventUIRefresh(self, count: int) -> None:
        self.host.counters["prevent_refresh"] += int(count)

    def UpdateArrange(self) -> None:
        self.host.counters["update_arrange"] += 1


def command_id(path: Path) -> str:
    """The named command of a script: letters, digits and ``_`` only."""
    return "RS" + sha1(str(path).encode()).hexdigest()
