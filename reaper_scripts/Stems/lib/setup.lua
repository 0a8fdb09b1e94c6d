-- Setup check: each link of the chain, and what to do about the first that is broken.

local actions = require("actions")
local messages = require("messages")
local service = require("service")
local spool = require("spool")
local version = require("version")

local setup = {}

local OLDEST = 6.0

local function check_reaper()
  local text = reaper.GetAppVersion()
  local number = tonumber(text:match("^%d+%.%d+")) or 0
  if number < OLDEST then return false, "REAPER " .. text .. " is too old.", "Install REAPER 6 or later." end
  return true, "REAPER " .. text .. ", scripts " .. version.scripts
end

local function check_spool()
  local ok, why = spool.ready()
  if ok then return true, "Spool: " .. spool.root() end
  return false, "The spool cannot be written: " .. (why or spool.root()),
    "Make this folder writable: " .. spool.root()
end

local function check_python()
  local python = service.python()
  if not python then
    return false, "avstem's Python is not known.", "Run 'avstem reaper install' in a terminal."
  end
  if not reaper.file_exists(python) then
    return false, "avstem's Python is not there: " .. python,
      "Run 'avstem reaper install' again. A REAPER from Flatpak, or Windows with avstem in WSL, "
        .. "sees other files: install both on the same side."
  end
  return true, "Python: " .. python
end

local function check_service()
  local state, info = service.look()
  if state == "other version" then return false, service.other_version(info) end
  if state ~= "alive" then
    local ok, what, next_step = service.start()
    if not ok then return false, what, next_step end
    info = select(2, service.look())
  end
  return true, string.format("Service %s on ports %s and %s, process %s", info.avstem or "?",
    info.udp_port or "?", info.tcp_port or "?", info.pid or "?")
end

local function check_actions()
  local ok, why = actions.announce()
  local told = spool.read(spool.root() .. "/reaper.json") or {}
  if ok and told.actions and told.actions.insert then
    return true, "Doorbell: " .. told.actions.insert
  end
  return false, "The action 'Insert finished stems' cannot be registered. " .. (why or ""),
    "Load it by hand: Actions > Show action list > New action > Load ReaScript."
end

local function surface_line()
  local file = io.open(reaper.get_ini_file(), "rb")
  local text = file and file:read("a") or ""
  if file then file:close() end
  return text:match('csurf_%d+=(OSC "avstem"[^\r\n]*)')
end

local function check_surface()
  local _, info = service.look()
  local pattern = reaper.GetResourcePath() .. "/OSC/avstem.ReaperOSC"
  if not reaper.file_exists(pattern) then
    return false, "The pattern file is not there: " .. pattern, "Run 'avstem reaper install'."
  end
  local line = surface_line()
  local receive, device = (line or ""):match('OSC "avstem" %d+ (%d+) "[^"]*" (%d+)')
  if not line then
    return false, "REAPER has no OSC control surface 'avstem': stems come in, players cannot be clicked.",
      "Quit REAPER, run 'avstem reaper install', start it again. (By hand: docs/reaper.md.)"
  end
  if tonumber(receive) ~= info.reaper_port or tonumber(device) ~= info.udp_port then
    return false, string.format("The control surface uses ports %s and %s, the service %s and %s.",
      receive or "?", device or "?", info.reaper_port or "?", info.udp_port or "?"),
      "Set the same ports in Preferences > Control/OSC/web, "
        .. "or run 'avstem reaper install' with REAPER closed."
  end
  return true, "Control surface: " .. line
end

local CHECKS = { check_reaper, check_spool, check_python, check_service, check_actions, check_surface }

--- Go through all links; one message box at the end.
function setup.run()
  local lines = {}
  for _, check in ipairs(CHECKS) do
    local ok, text, next_step = check()
    lines[#lines + 1] = (ok and "OK   " or "NOT  ") .. text
    if not ok then return messages.say(table.concat(lines, "\n"), next_step) end
  end
  messages.say(table.concat(lines, "\n"), "Everything is in place. Select a video item and its MIDI, "
    .. "and run 'avstem: Separate selected items'.")
end

return setup
