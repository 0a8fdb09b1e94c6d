-- Projects: their lasting id, finding the right tab again, items and tracks by GUID.

local spool = require("spool")
local work = require("work")

local project = {}

local SECTION = "avstem"

--- File of a project, "" while it was never saved.
function project.path(proj)
  local index = 0
  while true do
    local other, path = reaper.EnumProjects(index)
    if not other then return "" end
    if other == proj then return path or "" end
    index = index + 1
  end
end

--- Name of a project's file, without folder and suffix.
function project.name(path)
  return (path:match("([^/\\]*)$"):gsub("%.[rR][pP][pP]$", ""))
end

--- Folder of a project's file.
function project.folder(path)
  return path:match("^(.*)[/\\]") or ""
end

--- All open projects.
function project.all()
  local found = {}
  repeat
    local proj = reaper.EnumProjects(#found)
    found[#found + 1] = proj
  until not proj
  return found
end

--- The id that a project keeps, whatever its name; made at first use.
function project.id(proj)
  local _, id = reaper.GetProjExtState(proj, SECTION, "id")
  if id == "" then
    id = spool.new_id()
    reaper.SetProjExtState(proj, SECTION, "id", id)
  end
  return id
end

--- The first job of an item's chain of re-runs: the results of all of them share their tracks.
function project.family(proj, item_guid, job)
  local key = "family" .. item_guid
  local _, family = reaper.GetProjExtState(proj, SECTION, key)
  if family ~= "" then return family end
  reaper.SetProjExtState(proj, SECTION, key, job)
  return job
end

--- The open project that a job came from, and whether it has another name by now.
-- Never the active tab for want of a better one: nil when it is not open.
function project.find(wanted)
  local renamed
  for _, proj in ipairs(project.all()) do
    local _, id = reaper.GetProjExtState(proj, SECTION, "id")
    local same_path = project.path(proj) == wanted.path
    -- A project that was closed without saving has forgotten its id, but not its name.
    if same_path and (id == wanted.id or id == "") then return proj, false end
    if id == wanted.id then renamed = renamed or proj end
  end
  return renamed, renamed ~= nil
end

--- GUID of a media item, as REAPER writes it.
function project.item_guid(item)
  local _, guid = reaper.GetSetMediaItemInfo_String(item, "GUID", "", false)
  return guid
end

--- Media items by GUID, of those that are asked for.
function project.items_by_guid(proj, wanted)
  local found = {}
  for i = 0, reaper.CountMediaItems(proj) - 1 do
    local item = reaper.GetMediaItem(proj, i)
    local guid = item and project.item_guid(item)
    if guid and wanted[guid] then found[guid] = item end
    work.breathe()
  end
  return found
end

--- The track with this GUID, or nil.
function project.track_by_guid(proj, guid)
  for i = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, i)
    if reaper.GetTrackGUID(track) == guid then return track end
  end
end

return project
