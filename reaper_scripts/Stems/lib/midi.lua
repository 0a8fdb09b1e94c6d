-- MIDI takes as notes in project time: muted ones skipped, clipped to their items, loops unrolled.

local json = require("json")
local work = require("work")

local midi = {}

local PROGRAM_CHANGE = 0xC0

local function value(item, name)
  return reaper.GetMediaItemInfo_Value(item, name)
end

--- MIDI items of a track that sound, in project order.
function midi.items_of(track)
  local items = {}
  for i = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, i)
    local take = reaper.GetActiveTake(item)
    if take and reaper.TakeIsMIDI(take) then items[#items + 1] = item end
    work.breathe()
  end
  return items
end

--- Whether a MIDI item is silenced by itself or by its track.
function midi.is_muted(item)
  local track = reaper.GetMediaItemTrack(item)
  return value(item, "B_MUTE") == 1 or reaper.GetMediaTrackInfo_Value(track, "B_MUTE") == 1
end

--- What changes when notes are edited or a MIDI item of the track is moved.
function midi.hash(track)
  local parts = {}
  for _, item in ipairs(midi.items_of(track)) do
    local take = reaper.GetActiveTake(item)
    local _, hash = reaper.MIDI_GetHash(take, true, "")
    parts[#parts + 1] = string.format(
      "%s@%.6f+%.6f*%.6f", hash, value(item, "D_POSITION"), value(item, "D_LENGTH"),
      reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
    ):gsub(",", ".")
  end
  return table.concat(parts, ";")
end

-- Length of one pass in ticks. The source's length is in quarter notes; project quarter notes
-- pass `playrate` times as fast as the source's.
local function pass_ticks(take, item)
  if value(item, "B_LOOPSRC") ~= 1 then return nil end
  local length, in_quarters = reaper.GetMediaSourceLength(reaper.GetMediaItemTake_Source(take))
  if length <= 0 or not in_quarters then return nil end
  local first = reaper.MIDI_GetPPQPosFromProjQN(take, 0)
  local per_quarter = reaper.MIDI_GetPPQPosFromProjQN(take, 1) - first
  return length * per_quarter / reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
end

local function add_pass(take, shift, span, notes)
  local from_s, to_s = span.position_s, span.position_s + span.item_length_s
  local _, count = reaper.MIDI_CountEvts(take)
  for i = 0, count - 1 do
    local ok, _, muted, on, off, _, pitch, velocity = reaper.MIDI_GetNote(take, i)
    if ok and not muted then
      local on_s = reaper.MIDI_GetProjTimeFromPPQPos(take, on + shift)
      local off_s = reaper.MIDI_GetProjTimeFromPPQPos(take, off + shift)
      if on_s < to_s and off_s > from_s then
        notes[#notes + 1] = json.array {
          math.max(on_s, from_s), math.min(off_s, to_s), pitch, velocity,
        }
      end
    end
    work.breathe()
  end
end

local function add_item(record, notes)
  local to_s = record.position_s + record.item_length_s
  local ticks = pass_ticks(record.take, record.item)
  local pass = 0
  repeat
    add_pass(record.take, pass * (ticks or 0), record, notes)
    pass = pass + 1
  until not ticks or reaper.MIDI_GetProjTimeFromPPQPos(record.take, pass * ticks) >= to_s
end

local function program_of(take)
  local _, _, count = reaper.MIDI_CountEvts(take)
  for i = 0, count - 1 do
    local ok, _, muted, _, kind, _, program = reaper.MIDI_GetCC(take, i)
    if ok and not muted and kind == PROGRAM_CHANGE then return program end
    work.breathe()
  end
end

local function first_program(records)
  for _, record in ipairs(records) do
    local program = program_of(record.take)
    if program then return program end
  end
end

--- One part of the score: the notes of these items of one track.
function midi.part(track, records)
  local notes = json.array()
  for _, record in ipairs(records) do add_item(record, notes) end
  local _, name = reaper.GetTrackName(track)
  return {
    name = name,
    instrument = "",
    program = first_program(records),
    track_guid = reaper.GetTrackGUID(track),
    midi_hash = midi.hash(track),
    notes = notes,
  }
end

return midi
