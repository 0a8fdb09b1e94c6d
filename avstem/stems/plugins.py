"""One pedalboard plugin from one table of an effects file: built-in effects and VST3."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pedalboard

_NOT_EFFECTS = {"Plugin", "PluginContainer", "ExternalPlugin", "IIRFilter"}
_FILE_PARAMETERS = {"impulse_response_filename"}  # paths, relative to the effects file
_VST3_KEYS = {"vst3", "preset", "name", "parameters"}


class PluginError(Exception):
    """A plugin cannot be made; ``hint`` lists what there is."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def make_plugin(item: dict[str, Any], folder: Path) -> pedalboard.Plugin:
    """The plugin that a table describes; paths in it are relative to ``folder``."""
    if ("effect" in item) == ("vst3" in item):
        found = ", ".join(sorted(item)) or "nothing"
        raise PluginError(f"an entry names either an effect or a vst3 file, found {found}.")
    return _vst3(item, folder) if "vst3" in item else _builtin(item, folder)


def builtin_effects() -> dict[str, type]:
    """Pedalboard's own effects by name."""
    import pedalboard  # lazily: it starts JUCE, which most jobs do not need

    return {
        name: kind
        for name, kind in sorted(vars(pedalboard).items())
        if isinstance(kind, type)
        and issubclass(kind, pedalboard.Plugin)
        and not issubclass(kind, (pedalboard.PluginContainer, pedalboard.ExternalPlugin))
        and name not in _NOT_EFFECTS
        and not name.startswith("_")
    }


def parameters_of(kind: type) -> list[str]:
    """Names of an effect's parameters, from the signature that its constructor documents."""
    signature = (kind.__init__.__doc__ or "").splitlines()[0]  # type: ignore[misc]
    return re.findall(r", (\w+): ", signature)


def _builtin(item: dict[str, Any], folder: Path) -> pedalboard.Plugin:
    effects = builtin_effects()
    name = item["effect"]
    if name not in effects:
        raise PluginError(f"there is no effect {name!r}.", f"Effects: {', '.join(effects)}.")
    kind = effects[name]
    valid = parameters_of(kind)
    given = {key: value for key, value in item.items() if key != "effect"}
    if unknown := sorted(set(given) - set(valid)):
        listed = ", ".join(valid) or "none"
        raise PluginError(f"{name} has no parameter {unknown[0]!r}.", f"Parameters: {listed}.")
    for key in _FILE_PARAMETERS & set(given):
        given[key] = str(_existing(folder / str(given[key])))
    try:
        plugin: pedalboard.Plugin = kind(
            **{key: _member(kind, value) for key, value in given.items()}
        )
    except (ValueError, RuntimeError) as error:
        raise PluginError(f"{name}: {error}") from error
    except TypeError as error:
        signature = (kind.__init__.__doc__ or "").splitlines()[0]  # type: ignore[misc]
        raise PluginError(f"{name} does not take {given}.", f"It takes {signature}.") from error
    return plugin


def _member(kind: type, value: Any) -> Any:
    """A text that names a member of one of the effect's enumerations, as that member."""
    for enumeration in vars(kind).values():
        members = getattr(enumeration, "__members__", {})
        if isinstance(value, str) and value in members:
            return members[value]
    return value


def _vst3(item: dict[str, Any], folder: Path) -> pedalboard.Plugin:
    from pedalboard import VST3Plugin

    if unknown := sorted(set(item) - _VST3_KEYS):
        keys = ", ".join(sorted(_VST3_KEYS))
        raise PluginError(f"a VST3 entry has no key {unknown[0]!r}.", f"Keys: {keys}.")
    path = _existing(folder / str(item["vst3"]))
    try:
        plugin = VST3Plugin(str(path), plugin_name=item.get("name"))
        if "preset" in item:
            plugin.load_preset(str(_existing(folder / str(item["preset"]))))
    except (ImportError, ValueError, RuntimeError) as error:
        raise PluginError(f"cannot load {path}: {error}") from error
    if plugin.is_instrument:
        raise PluginError(f"{path.name} is an instrument; an effect was expected.")
    _set_parameters(plugin, path.name, item.get("parameters", {}))
    return plugin


def _set_parameters(plugin: Any, name: str, values: dict[str, Any]) -> None:
    for key, value in values.items():
        if key not in plugin.parameters:
            listed = ", ".join(plugin.parameters)
            raise PluginError(f"{name} has no parameter {key!r}.", f"Parameters: {listed}.")
        try:
            setattr(plugin, key, value)
        except (ValueError, TypeError, AttributeError) as error:
            raise PluginError(f"{name}: {key} = {value!r} is not possible: {error}") from error


def _existing(path: Path) -> Path:
    if not path.exists():
        raise PluginError(f"there is no file {path}.", "Paths are relative to the effects file.")
    return path
