-- Which action is which: registered here, told to the service so that it can ring.

local json = require("json")
local project = require("project")
local spool = require("spool")
local version = require("version")

local actions = {}

local INSERT = "avstem_Insert finished stems.lua"
local BEAT_S = 4

local last_beat_s

--- Folder of the script that runs.
function actions.folder()
  local _, path = reaper.get_action_context()
  return path:match("^(.*[/\\])")
end

-- Command id "_RS..." of a script beside this one, registered if it is not; nil when that fails.
local function register(name)
  local command = reaper.AddRemoveReaScript(true, 0, actions.folder() .. name, true)
  local id = command ~= 0 and reaper.ReverseNamedCommandLookup(command)
  return id and "_" .. id
end

local function insert_id()
  local id = reaper.GetExtState("avstem", "insert_action")
  if id ~= "" and reaper.NamedCommandLookup(id) ~= 0 then return id end
  id = register(INSERT)
  if id then reaper.SetExtState("avstem", "insert_action", id, true) end
  return id
end

-- Files of the projects that are open, so that nobody else writes into them.
local function open_paths()
  local paths = json.array()
  for _, proj in ipairs(project.all()) do
    local path = project.path(proj)
    if path ~= "" then paths[#paths + 1] = path end
  end
  return paths
end

--- Tell the service that REAPER is here, and how to ring. True, or nil and the reason.
function actions.announce()
  last_beat_s = reaper.time_precise()
  return spool.write(spool.root() .. "/reaper.json", {
    version = version.contract,
    reaper = reaper.GetAppVersion(),
    scripts = version.scripts,
    actions = { insert = insert_id() },
    projects = open_paths(),
    heartbeat_s = os.time(),
  })
end

--- The same every few seconds, from a loop.
function actions.beat()
  if not last_beat_s or reaper.time_precise() - last_beat_s >= BEAT_S then actions.announce() end
end

--- Let a second start of this script take the place of the first, without REAPER asking.
function actions.replace_running_copy()
  if reaper.set_action_options then reaper.set_action_options(3) end
end

return actions
