-- What a take plays: kind, root file, section, and what cannot be told to the service.

local source = {}

local MIDI = { MIDI = true, MIDIPOOL = true }
local OTHER = { [""] = true, EMPTY = true, VIDEOEFFECT = true, RPP_PROJECT = true, CLICK = true, LTC = true }
-- REAPER opens these through its video decoder although they hold sound alone.
local SOUND_ONLY = { m4a = true, aac = true, wma = true, ac3 = true, mka = true, opus = true }

local function kind_of(kind, file)
  if MIDI[kind] then return "midi" end
  if kind:find("OFFLINE", 1, true) then return "offline" end
  if OTHER[kind] then return "other" end
  local suffix = (file:match("%.(%w+)$") or ""):lower()
  return kind == "VIDEO" and not SOUND_ONLY[suffix] and "video" or "audio"
end

-- SECTION and reversed sources have no file name: walk up to the one that has, adding offsets up.
local function to_root(media)
  local section, reversed = nil, false
  while true do
    local ok, offset, length, backwards = reaper.PCM_Source_GetSectionInfo(media)
    if ok then
      reversed = reversed ~= backwards
      section = {
        start_s = offset + (section and section.start_s or 0),
        length_s = section and section.length_s or length,
      }
    end
    local parent = reaper.GetMediaSourceParent(media)
    if not parent then return media, section, reversed end
    media = parent
  end
end

local function own_length(root, section)
  local length = reaper.GetMediaSourceLength(root)
  if not section then return length end
  if section.length_s <= 0 then section.length_s = length - section.start_s end
  return section.length_s
end

--- Describe the source of a take.
-- kind: "video", "audio", "midi", "offline" or "other"; file: root file; section: {start_s, length_s}
-- or nil; length_s: of the take's own source; reversed; missing: the file is not there.
function source.describe(take)
  local media = take and reaper.GetMediaItemTake_Source(take)
  if not media then return { kind = "other" } end
  if reaper.TakeIsMIDI(take) then return { kind = "midi" } end
  local root, section, reversed = to_root(media)
  local file = reaper.GetMediaSourceFileName(root, "")
  local kind = kind_of(reaper.GetMediaSourceType(root, ""), file)
  return {
    kind = kind,
    file = file,
    section = section,
    reversed = reversed,
    length_s = own_length(root, section),
    missing = kind ~= "other" and file ~= "" and not reaper.file_exists(file),
  }
end

return source
