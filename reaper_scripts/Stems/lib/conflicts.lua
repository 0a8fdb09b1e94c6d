-- What changed in the project between the start of a job and its end.

local messages = require("messages")
local midi = require("midi")
local project = require("project")

local conflicts = {}

local TOLERANCE = 1e-6 -- a project file keeps fewer digits than the running session

local function differs(a, b)
  return math.abs(a - b) > TOLERANCE
end

local function now_of(item)
  local take = reaper.GetActiveTake(item)
  return {
    position_s = reaper.GetMediaItemInfo_Value(item, "D_POSITION"),
    length_s = reaper.GetMediaItemInfo_Value(item, "D_LENGTH"),
    offset_s = take and reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS") or 0,
    playrate = take and reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE") or 1,
  }
end

local function changed(old, now)
  for name, value in pairs(now) do
    if differs(value, old[name]) then return true end
  end
  return false
end

local function compare_items(proj, result, found)
  local wanted = {}
  for _, old in ipairs(result.items) do wanted[old.guid] = true end
  found.items = project.items_by_guid(proj, wanted)
  for _, old in ipairs(result.items) do
    local item = found.items[old.guid]
    if not item then
      found.texts[#found.texts + 1] = "An item that was separated has been deleted."
    else
      local now = now_of(item)
      if changed(old, now) then
        found.moved[old.guid] = { old = old, now = now }
        found.texts[#found.texts + 1] = string.format(
          "An item was moved or trimmed: it was at %.3f s for %.3f s, now it is at %.3f s for %.3f s.",
          old.position_s, old.length_s, now.position_s, now.length_s)
      end
    end
  end
end

local function compare_midi(proj, result, found)
  for _, old in ipairs(result.midi or {}) do
    local track = project.track_by_guid(proj, old.track_guid)
    if not track or midi.hash(track) ~= old.midi_hash then
      found.texts[#found.texts + 1] = "The MIDI of the score was edited, moved or removed."
      return
    end
  end
end

--- All that changed: texts; items by GUID; moved[guid] = {old, now}.
function conflicts.find(proj, renamed, result)
  local found = { texts = {}, items = {}, moved = {} }
  if renamed then
    found.texts[1] = string.format("The project was '%s', it is now '%s'.", result.project.name,
      project.name(project.path(proj)))
  end
  compare_items(proj, result, found)
  compare_midi(proj, result, found)
  return found
end

--- Ask what to do. "now": insert where the items are now; "then": where they were;
-- "never": drop the result; "later": leave it for another time.
function conflicts.ask(result, found)
  if #found.texts == 0 then return "now" end
  local what = "The session changed while '" .. result.folder_track .. "' was made:\n- "
    .. table.concat(found.texts, "\n- ")
  if next(found.moved) then
    local answer = messages.choose(what, "Yes: insert the stems under the items as they are now.\n"
      .. "No: insert them where the items were.\nCancel: ask again later.")
    return ({ yes = "now", no = "then", cancel = "later" })[answer]
  end
  local answer = messages.choose(what, "Yes: insert the stems all the same.\n"
    .. "No: never insert them (the files stay).\nCancel: ask again later.")
  return ({ yes = "then", no = "never", cancel = "later" })[answer]
end

local function clipped(placement, stem_length_s)
  local start_s = math.max(placement.offset_s, 0)
  local lost_s = (start_s - placement.offset_s) / placement.playrate
  local left_s = (stem_length_s - start_s) / placement.playrate
  return {
    item = placement.item,
    position_s = placement.position_s + lost_s,
    length_s = math.min(placement.length_s - lost_s, left_s),
    offset_s = start_s,
    playrate = placement.playrate,
  }
end

local function followed(placement, move, alone, stem_length_s)
  local old, now = move.old, move.now
  local shifted = {
    item = placement.item,
    position_s = placement.position_s + now.position_s - old.position_s,
    length_s = placement.length_s,
    offset_s = placement.offset_s,
    playrate = placement.playrate,
  }
  if not alone then return shifted end
  -- Stem time and source time differ by a constant, whatever the item's edges.
  local into_old_s = old.offset_s + (placement.position_s - old.position_s) * old.playrate
  shifted.position_s = now.position_s
  shifted.length_s = now.length_s
  shifted.offset_s = placement.offset_s - into_old_s + now.offset_s
  shifted.playrate = now.playrate
  return clipped(shifted, stem_length_s)
end

local function count_of(placements, guid)
  local count = 0
  for _, placement in ipairs(placements) do
    if placement.item == guid then count = count + 1 end
  end
  return count
end

--- A stem's placements, following the items that were moved.
function conflicts.follow(stem, moved)
  local placements = {}
  for _, placement in ipairs(stem.placements) do
    local move = moved[placement.item]
    if move then
      local alone = count_of(stem.placements, placement.item) == 1
      placement = followed(placement, move, alone, stem.length_s)
    end
    if placement.length_s > 0 then placements[#placements + 1] = placement end
  end
  return placements
end

return conflicts
