-- Finished results into their project: look first, ask if something changed, then one undo step.

local conflicts = require("conflicts")
local messages = require("messages")
local peaks = require("peaks")
local project = require("project")
local spool = require("spool")
local takes = require("takes")
local tracks = require("tracks")
local work = require("work")

local insert = {}

local QUIET_S = 15 -- the doorbell rings several times; one question is enough, until it stops

local function key(job)
  return "told" .. job
end

local function remember_telling(job)
  reaper.SetExtState("avstem", key(job), tostring(reaper.time_precise()), false)
end

local function told_lately(job)
  local last_s = tonumber(reaper.GetExtState("avstem", key(job)))
  local lately = last_s ~= nil and reaper.time_precise() - last_s < QUIET_S
  if lately then remember_telling(job) end
  return lately
end

local function is_pending(job)
  return spool.has(job, "result.json") and not spool.has(job, "inserted.json")
end

--- Results that wait for insertion, oldest first.
function insert.pending()
  local results = {}
  for _, job in ipairs(spool.jobs()) do
    local result = is_pending(job) and spool.read(spool.file(job, "result.json"))
    if result then results[#results + 1] = result end
    work.rest()
  end
  return results
end

local function missing_stem(result)
  for _, stem in ipairs(result.stems) do
    if not reaper.file_exists(stem.file) then return stem.file end
  end
end

-- Sources that no take owns yet; the one list that must be cleaned up if the script is ended.
local unowned = {}

local function discard()
  for media in pairs(unowned) do reaper.PCM_Source_Destroy(media) end
  unowned = {}
end

-- One source per placement: a source belongs to one take. Opening a file takes a while, so one per
-- slice. nil and the file that cannot be opened.
local function open_sources(stems)
  reaper.atexit(discard)
  local rows = {}
  for _, stem in ipairs(stems) do
    for _, placement in ipairs(stem.placements) do
      local media = reaper.PCM_Source_CreateFromFile(stem.file)
      if not media then return nil, stem.file end
      unowned[media] = true
      rows[#rows + 1] = { stem = stem, placement = placement, media = media }
      work.rest()
    end
  end
  return rows
end

-- The track under which the stems go: that of the sound, else of the picture.
local function source_track(result, items)
  local best
  for _, old in ipairs(result.items) do
    local item = items[old.guid]
    if item and (not best or old.role == "audio") then best = item end
  end
  return best and reaper.GetMediaItemTrack(best)
end

local function mute_originals(result, items)
  local role = "video"
  for _, old in ipairs(result.items) do
    if old.role == "audio" then role = "audio" end
  end
  for _, old in ipairs(result.items) do
    local item = items[old.guid]
    if item and old.role == role then reaper.SetMediaItemInfo_Value(item, "B_MUTE", 1) end
  end
end

local function fill(proj, result, rows, items)
  local by_part = tracks.ensure(proj, result, source_track(result, items))
  local made = {}
  for _, row in ipairs(rows) do
    made[#made + 1] = takes.place(by_part[row.stem.part], row.placement, row.media, result)
    unowned[row.media] = nil
  end
  if result.mute_original then mute_originals(result, items) end
  return made
end

-- All changes in one undo step that closes whatever happens; a step that failed is taken back.
local function in_one_step(proj, text, change)
  reaper.PreventUIRefresh(1)
  reaper.Undo_BeginBlock2(proj)
  local ok, outcome = xpcall(change, debug.traceback)
  reaper.Undo_EndBlock2(proj, text, -1)
  if not ok and reaper.Undo_CanUndo2(proj) == text then reaper.Undo_DoUndo2(proj) end
  reaper.PreventUIRefresh(-1)
  reaper.TrackList_AdjustWindows(false)
  reaper.UpdateArrange()
  return ok, outcome
end

local function followed(result, found, answer)
  local stems = {}
  for _, stem in ipairs(result.stems) do
    local placements = stem.placements
    if answer == "now" then placements = conflicts.follow(stem, found.moved) end
    stems[#stems + 1] = {
      part = stem.part, file = stem.file, placements = placements,
    }
  end
  return stems
end

-- Opening took several cycles: the project may be closed, items deleted, another copy of this
-- script may have been faster.
local function still_fine(proj, result, found)
  if not is_pending(result.job) then return false end
  if not work.is_open(proj) then return false end
  for guid, item in pairs(found.items) do
    if not reaper.ValidatePtr2(proj, item, "MediaItem*") then found.items[guid] = nil end
  end
  return true
end

local function change_project(proj, result, found, answer)
  local rows, unreadable = open_sources(followed(result, found, answer))
  if not rows then
    discard()
    messages.say("REAPER cannot open a stem: " .. unreadable,
      "Check that the disk is there and the file is sound, then run "
        .. "'avstem: Insert finished stems' again.")
    return
  end
  work.next_cycle() -- the undo step cannot be sliced, so it gets a slice for itself
  if not still_fine(proj, result, found) then return discard() end
  local text = "avstem: insert " .. result.folder_track
  local ok, outcome = in_one_step(proj, text, function()
    return fill(proj, result, rows, found.items)
  end)
  discard()
  if not ok then return messages.crash(outcome) end
  spool.settle(result.job, "inserted", "")
  peaks.build(proj, outcome)
  return true
end

local function project_is_closed(result)
  if told_lately(result.job) then return end
  messages.say(string.format("'%s' is ready, but its project '%s' is not open.",
    result.folder_track, result.project.name),
    "Open it and run 'avstem: Insert finished stems'. File: " .. result.project.path)
  remember_telling(result.job)
end

local function stems_are_gone(result, file)
  spool.settle(result.job, "declined", "stem file deleted: " .. file)
  messages.say("A stem of '" .. result.folder_track .. "' is not there any more: " .. file,
    "Nothing was inserted. Separate the item again to make new stems.")
end

local function by_answer(proj, result, found)
  local answer = conflicts.ask(result, found)
  if answer == "never" then
    spool.settle(result.job, "declined", "the user answered no")
  elseif answer == "later" then
    remember_telling(result.job)
  else
    return change_project(proj, result, found, answer)
  end
end

-- What changed in the session; looked at again as long as the user goes on changing it.
local function settled_conflicts(proj, renamed, result)
  local found
  repeat
    found = work.reading(proj, function() return conflicts.find(proj, renamed, result) end)
  until found or not work.is_open(proj)
  return found
end

--- Insert one result into its project. True when its stems are in now.
function insert.one(result)
  local proj, renamed = project.find(result.project)
  if not proj then return project_is_closed(result) end
  local gone = missing_stem(result)
  if gone then return stems_are_gone(result, gone) end
  local _, by_part = tracks.find(proj, result.family)
  if takes.has_job(by_part, result.job) then
    return spool.settle(result.job, "inserted", "was there already")
  end
  local found = settled_conflicts(proj, renamed, result)
  if not found then return project_is_closed(result) end
  if #found.texts > 0 and told_lately(result.job) then return end
  return by_answer(proj, result, found)
end

--- Insert every result that waits; the number of those inserted.
function insert.all()
  local count = 0
  for _, result in ipairs(insert.pending()) do
    if is_pending(result.job) and insert.one(result) then count = count + 1 end
  end
  return count
end

return insert
