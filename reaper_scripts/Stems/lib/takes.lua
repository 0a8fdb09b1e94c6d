-- Stems as takes: on a new item, or as a further take of the item that an earlier run made.

local takes = {}

local JOB, ITEM = "P_EXT:avstem_job", "P_EXT:avstem_item"

local function item_value(item, name)
  return reaper.GetMediaItemInfo_Value(item, name)
end

local function take_value(take, name)
  return reaper.GetMediaItemTakeInfo_Value(take, name)
end

local function tag(item)
  local _, text = reaper.GetSetMediaItemInfo_String(item, ITEM, "", false)
  return text
end

local function overlaps(item, placement)
  local position_s, length_s = item_value(item, "D_POSITION"), item_value(item, "D_LENGTH")
  return position_s < placement.position_s + placement.length_s
    and placement.position_s < position_s + length_s
end

-- The item that an earlier run made for the same source item and the same stretch of time.
local function earlier_item(track, placement)
  for i = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, i)
    if tag(item) == placement.item and overlaps(item, placement) then return item end
  end
end

local function new_item(track, placement)
  local item = reaper.AddMediaItemToTrack(track)
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", placement.position_s)
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", placement.length_s)
  reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", 0)
  reaper.GetSetMediaItemInfo_String(item, ITEM, placement.item, true)
  return item
end

local function shift_takes(item, by_s)
  for i = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetTake(item, i)
    local offset_s = take_value(take, "D_STARTOFFS") + by_s * take_value(take, "D_PLAYRATE")
    reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset_s)
  end
end

-- Make an earlier item long enough; what its takes play stays where it is.
local function widen(item, placement)
  local from_s = item_value(item, "D_POSITION")
  local to_s = from_s + item_value(item, "D_LENGTH")
  local new_from_s = math.min(from_s, placement.position_s)
  local new_to_s = math.max(to_s, placement.position_s + placement.length_s)
  if new_from_s < from_s then shift_takes(item, new_from_s - from_s) end
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", new_from_s)
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", new_to_s - new_from_s)
end

local function free_name(item, wanted)
  local used = {}
  for i = 0, reaper.CountTakes(item) - 1 do
    used[reaper.GetTakeName(reaper.GetTake(item, i))] = true
  end
  local name, number = wanted, 1
  while used[name] do
    number = number + 1
    name = string.format("%s (%d)", wanted, number)
  end
  return name
end

local function add_take(item, placement, media, result)
  local name = free_name(item, result.take)
  local take = reaper.AddTakeToMediaItem(item)
  reaper.SetMediaItemTake_Source(take, media)
  local late_s = item_value(item, "D_POSITION") - placement.position_s
  local offset_s = placement.offset_s + late_s * placement.playrate
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset_s)
  reaper.SetMediaItemTakeInfo_Value(take, "D_PLAYRATE", placement.playrate)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", name, true)
  reaper.GetSetMediaItemTakeInfo_String(take, JOB, result.job, true)
  reaper.SetActiveTake(take)
  return take
end

--- Put one stem's sound on its track at one placement.
function takes.place(track, placement, media, result)
  local item = earlier_item(track, placement)
  if item then widen(item, placement) else item = new_item(track, placement) end
  return add_take(item, placement, media, result)
end

--- Make the takes of a job the active ones.
function takes.activate(by_part, job)
  for _, track in pairs(by_part) do
    for i = 0, reaper.CountTrackMediaItems(track) - 1 do
      local item = reaper.GetTrackMediaItem(track, i)
      for k = 0, reaper.CountTakes(item) - 1 do
        local take = reaper.GetTake(item, k)
        local _, text = reaper.GetSetMediaItemTakeInfo_String(take, JOB, "", false)
        if text == job then reaper.SetActiveTake(take) end
      end
    end
  end
end

--- Whether the takes of this job are on these tracks already.
function takes.has_job(by_part, job)
  for _, track in pairs(by_part) do
    for i = 0, reaper.CountTrackMediaItems(track) - 1 do
      local item = reaper.GetTrackMediaItem(track, i)
      for k = 0, reaper.CountTakes(item) - 1 do
        local take = reaper.GetTake(item, k)
        local _, text = reaper.GetSetMediaItemTakeInfo_String(take, JOB, "", false)
        if text == job then return true end
      end
    end
  end
  return false
end

return takes
