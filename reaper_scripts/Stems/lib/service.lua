-- The service: is it there, start it, what it says of itself.

local messages = require("messages")
local spool = require("spool")
local version = require("version")
local work = require("work")

local service = {}

local STALE_S = 10
local START_S = 10
local POLL_S = 0.2

--- What service.json says, and one of "alive", "absent", "failed", "other version".
function service.look()
  local info = spool.read(spool.root() .. "/service.json")
  if not info then return "absent", {} end
  if os.time() - (info.heartbeat_s or 0) > STALE_S or info.state == "stopped" then
    return "absent", info
  end
  if info.version ~= version.contract then return "other version", info end
  return info.state == "failed" and "failed" or "alive", info
end

--- Absolute path of the Python that avstem is installed in, or nil.
function service.python()
  local installed = spool.read(spool.root() .. "/install.json") or {}
  local last = spool.read(spool.root() .. "/service.json") or {}
  return installed.python or last.python
end

--- Where the service writes its log.
function service.log()
  return spool.root() .. "/log/service.log"
end

-- The ports that the installer wrote into REAPER's configuration.
local function port_options()
  local installed = spool.read(spool.root() .. "/install.json") or {}
  local options = ""
  if installed.udp_port then options = string.format(" --udp-port %d", installed.udp_port) end
  if installed.reaper_port then
    options = options .. string.format(" --reaper-port %d", installed.reaper_port)
  end
  return options
end

--- Start a module of avstem's Python with the spool as argument. True, or nil and what is wrong.
function service.launch(module, options)
  local python = service.python()
  if not python then
    return nil, "avstem's Python is not known here.",
      "Run 'avstem reaper install' in a terminal, then try again."
  end
  if not reaper.file_exists(python) then
    return nil, "avstem's Python is not where it was: " .. python,
      "Run 'avstem reaper install' again. (A REAPER from Flatpak, or Windows with avstem in WSL, "
        .. "sees other files: install both on the same side.)"
  end
  if (python .. spool.root()):find('"', 1, true) then
    return nil, 'A path with a quotation mark cannot be started: ' .. python,
      "Move it to a folder without one."
  end
  local command = string.format('"%s" -m %s --spool "%s"', python, module, spool.root())
  reaper.ExecProcess(command .. (options or ""), -1)
  return true
end

local function wait_for_service(since_s)
  local until_s = reaper.time_precise() + START_S
  while reaper.time_precise() < until_s do
    work.pause(POLL_S)
    local state, info = service.look()
    local ours = (info.started_s or info.heartbeat_s or 0) >= since_s - 1
    if state == "alive" or state == "other version" or (state == "failed" and ours) then
      return state, info
    end
  end
  return "absent", {}
end

--- Start the service and wait for its first sign of life.
-- True, or nil, what is wrong and what to do next.
function service.start()
  local since_s = os.time()
  local ok, what, next_step = service.launch("osc_bridge", port_options())
  if not ok then return nil, what, next_step end
  local state, info = wait_for_service(since_s)
  if state == "alive" then return true end
  if state == "other version" then return nil, service.other_version(info) end
  if state == "failed" then
    local problem = info.error or {}
    return nil, "The avstem service could not start.\n" .. (problem.message or ""),
      (problem.hint or "") .. "\n\nLog: " .. (problem.log or service.log())
  end
  return nil, string.format("The avstem service did not start within %d s.", START_S),
    "Run 'avstem: Setup check'.\n\nLog: " .. service.log()
end

--- What to tell about a service of another version.
function service.other_version(info)
  return string.format(
    "The running avstem service (%s) speaks version %s, these scripts (%s) version %d.",
    info.avstem or "?", tostring(info.version), version.scripts, version.contract
  ), "Update both (pip, then 'avstem reaper install'), end the old service (process "
    .. tostring(info.pid or "?") .. "), then try again."
end

--- Make sure that a service of our version runs; tells the user if not.
function service.ensure()
  local state, info = service.look()
  if state == "alive" then return true end
  local ok, what, next_step
  if state == "other version" then
    what, next_step = service.other_version(info)
  else
    ok, what, next_step = service.start()
  end
  if not ok then messages.say(what, next_step) end
  return ok or false
end

return service
