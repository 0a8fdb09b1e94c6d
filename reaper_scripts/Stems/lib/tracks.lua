-- The folder track of a result and its stem tracks: found again by their tags, else made.

local tracks = {}

local WITH_COLOUR = 0x1000000

--- A tag of a track, "" when it has none.
function tracks.tag(track, name)
  local _, text = reaper.GetSetMediaTrackInfo_String(track, "P_EXT:" .. name, "", false)
  return text
end

local function set_text(track, name, text)
  reaper.GetSetMediaTrackInfo_String(track, name, text, true)
end

local function depth(track)
  return math.floor(reaper.GetMediaTrackInfo_Value(track, "I_FOLDERDEPTH"))
end

local function set_depth(track, value)
  reaper.SetMediaTrackInfo_Value(track, "I_FOLDERDEPTH", value)
end

--- Index of a track, from 0; -1 for none.
function tracks.index(track)
  return math.floor(reaper.GetMediaTrackInfo_Value(track, "IP_TRACKNUMBER")) - 1
end

-- REAPER before 7 can add tracks to the active tab only.
local function insert_blank(proj, index)
  if reaper.InsertTrackInProject then
    reaper.InsertTrackInProject(proj, index, 0)
  else
    local active = reaper.EnumProjects(-1)
    if active ~= proj then reaper.SelectProjectInstance(proj) end
    reaper.InsertTrackAtIndex(index, false)
    if active ~= proj then reaper.SelectProjectInstance(active) end
  end
  return reaper.GetTrack(proj, index)
end

-- The last track of `track` and all that it holds, and how many levels around it end there too.
local function end_of_group(proj, track)
  local level = 0
  for i = tracks.index(track), reaper.CountTracks(proj) - 1 do
    local here = reaper.GetTrack(proj, i)
    level = level + depth(here)
    if level <= 0 then return here, level end
  end
  return reaper.GetTrack(proj, reaper.CountTracks(proj) - 1), 0
end

-- A new track after the whole of `track`, in the same folder; the folder ends after the new one now.
local function insert_after(proj, track)
  local last, over = end_of_group(proj, track)
  if over < 0 then set_depth(last, depth(last) - over) end
  local new = insert_blank(proj, tracks.index(last) + 1)
  set_depth(new, over)
  return new
end

local function insert_last(proj)
  return insert_blank(proj, reaper.CountTracks(proj))
end

local function native_colour(text)
  local r, g, b = text:match("^#(%x%x)(%x%x)(%x%x)$")
  return reaper.ColorToNative(tonumber(r, 16), tonumber(g, 16), tonumber(b, 16)) | WITH_COLOUR
end

local function dress(track, stem, family)
  set_text(track, "P_NAME", stem.track)
  set_text(track, "P_EXT:avstem_job", family)
  set_text(track, "P_EXT:avstem_player", stem.part)
  reaper.SetMediaTrackInfo_Value(track, "I_CUSTOMCOLOR", native_colour(stem.colour))
end

--- The folder of a family of results and its stem tracks by part; nil when there is none.
function tracks.find(proj, family)
  local folder, by_part = nil, {}
  for i = 0, reaper.CountTracks(proj) - 1 do
    local track = reaper.GetTrack(proj, i)
    if tracks.tag(track, "avstem_job") == family then
      local part = tracks.tag(track, "avstem_player")
      if part == "" then folder = folder or track else by_part[part] = by_part[part] or track end
    end
  end
  -- A folder that was emptied, or children that lost theirs, are the user's now: start afresh.
  if folder and next(by_part) then return folder, by_part end
  return nil, {}
end

local function make_folder(proj, below, result)
  local folder = below and insert_after(proj, below) or insert_last(proj)
  set_text(folder, "P_NAME", result.folder_track)
  set_text(folder, "P_EXT:avstem_job", result.family)
  return folder
end

-- The first child of a folder that was just made: takes over what the folder ends.
local function insert_first_child(proj, folder)
  local ends = depth(folder)
  local child = insert_blank(proj, tracks.index(folder) + 1)
  set_depth(folder, 1)
  set_depth(child, ends - 1)
  return child
end

-- A further child right after another one.
local function insert_next_child(proj, sibling)
  local ends = depth(sibling)
  local child = insert_blank(proj, tracks.index(sibling) + 1)
  set_depth(sibling, 0)
  set_depth(child, ends)
  return child
end

local function last_child(proj, folder)
  return (end_of_group(proj, folder))
end

--- The stem tracks of a result by part, in score order, made where they are missing.
-- below: the track under whose group a new folder goes, nil for the end of the project.
function tracks.ensure(proj, result, below)
  local folder, by_part = tracks.find(proj, result.family)
  local previous
  for _, stem in ipairs(result.stems) do
    local track = by_part[stem.part]
    if not track then
      if previous then
        track = insert_next_child(proj, previous)
      elseif folder then
        track = insert_next_child(proj, last_child(proj, folder))
      else
        folder = make_folder(proj, below, result)
        track = insert_first_child(proj, folder)
      end
      dress(track, stem, result.family)
      by_part[stem.part] = track
    end
    previous = track
  end
  return by_part
end

return tracks
