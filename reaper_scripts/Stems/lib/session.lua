-- What is selected in a project, as plain records that planning can reason about.

local midi = require("midi")
local project = require("project")
local source = require("source")
local work = require("work")

local session = {}

local function value(item, name)
  return reaper.GetMediaItemInfo_Value(item, name)
end

--- Everything about one media item that a job or a refusal may need.
function session.describe(item)
  local take = reaper.GetActiveTake(item)
  local record = source.describe(take)
  record.item = item
  record.take = take
  record.guid = project.item_guid(item)
  record.name = take and reaper.GetTakeName(take) or ""
  record.position_s = value(item, "D_POSITION")
  record.item_length_s = value(item, "D_LENGTH")
  record.loop = value(item, "B_LOOPSRC") == 1
  if take then
    record.offset_s = reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS")
    record.playrate = reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
    record.stretched = reaper.GetTakeNumStretchMarkers(take) > 0
  end
  return record
end

local FIXED_LANES = 2 -- of REAPER 7; before, there is neither this mode nor a lane that does not play

-- Whether an item lies on a lane that is switched off.
local function is_silent(item)
  local track = reaper.GetMediaItemTrack(item)
  return reaper.GetMediaTrackInfo_Value(track, "I_FREEMODE") == FIXED_LANES
    and value(item, "C_LANEPLAYS") <= 0
end

local function describe_all(items)
  local records = {}
  for _, item in ipairs(items) do
    records[#records + 1] = session.describe(item)
    work.breathe()
  end
  table.sort(records, function(a, b) return a.position_s < b.position_s end)
  return records
end

local function selected_items(proj)
  local items = {}
  for i = 0, reaper.CountSelectedMediaItems(proj) - 1 do
    items[#items + 1] = reaper.GetSelectedMediaItem(proj, i)
  end
  return items
end

local function all_items(proj)
  local items = {}
  for i = 0, reaper.CountMediaItems(proj) - 1 do
    items[#items + 1] = reaper.GetMediaItem(proj, i)
  end
  return items
end

local function tracks_of(proj, selected_only)
  local tracks = {}
  for i = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, i)
    if not selected_only or reaper.GetMediaTrackInfo_Value(track, "I_SELECTED") == 1 then
      tracks[#tracks + 1] = track
    end
  end
  return tracks
end

-- Rows of {track, items}, in track order, of the tracks that have MIDI items.
local function rows_of(tracks, keep)
  local rows = {}
  for _, track in ipairs(tracks) do
    local items = {}
    for _, item in ipairs(midi.items_of(track)) do
      if keep(item) then items[#items + 1] = item end
    end
    if #items > 0 then rows[#rows + 1] = { track = track, items = items } end
  end
  return rows
end

local function any() return true end

-- The narrowest choice the user made: selected MIDI items, else selected tracks, else all.
local function score_rows(proj)
  local tracks = tracks_of(proj, false)
  local rows = rows_of(tracks, reaper.IsMediaItemSelected)
  if #rows == 0 then rows = rows_of(tracks_of(proj, true), any) end
  if #rows == 0 then rows = rows_of(tracks, any) end
  return rows
end

local function span_of(item)
  return {
    item = item,
    take = reaper.GetActiveTake(item),
    position_s = value(item, "D_POSITION"),
    item_length_s = value(item, "D_LENGTH"),
  }
end

local function without_muted(rows)
  local audible = {}
  for _, row in ipairs(rows) do
    local items = {}
    for _, item in ipairs(row.items) do
      if not midi.is_muted(item) and not is_silent(item) then items[#items + 1] = span_of(item) end
    end
    if #items > 0 then audible[#audible + 1] = { track = row.track, items = items } end
  end
  return audible
end

local function time_selection(proj)
  local from_s, to_s = reaper.GetSet_LoopTimeRange2(proj, false, false, 0, 0, false)
  if to_s > from_s then return { from_s, to_s } end
end

--- The session of one project.
-- media: records of the selected items that are not MIDI (with `whole`, of all videos); midi: rows
-- of {track, items}; muted: there was MIDI, but all of it is muted; selected: number of items.
function session.read(proj, whole)
  local items = selected_items(proj)
  local count = #items
  if whole and count == 0 then items = all_items(proj) end
  local media = {}
  for _, record in ipairs(describe_all(items)) do
    local wanted = not (whole and count == 0)
      or record.kind == "video" and not is_silent(record.item)
    if record.kind ~= "midi" and wanted then media[#media + 1] = record end
  end
  local rows = score_rows(proj)
  local audible = without_muted(rows)
  return {
    proj = proj,
    path = project.path(proj),
    selected = count,
    media = media,
    midi = audible,
    muted = #rows > 0 and #audible == 0,
    time_selection = time_selection(proj),
  }
end

return session
