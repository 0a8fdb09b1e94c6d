-- From a session to jobs: which items make one job, what stands against it, what must be asked.
-- Works on plain records, touches nothing.

local objections = require("objections")

local plan = {}

local label = objections.label

local function end_of(record)
  return record.position_s + record.item_length_s
end

local function repeats(record)
  local need_s = (record.offset_s + record.item_length_s * record.playrate)
  return record.loop and record.length_s > 0 and need_s > record.length_s + 0.001
end

local function of_kind(media, kind)
  local found = {}
  for _, record in ipairs(media) do
    if record.kind == kind then found[#found + 1] = record end
  end
  return found
end

-- Items that play one file, in the order of their first appearance.
local function group_by_file(media)
  local groups, by_file = {}, {}
  for _, record in ipairs(media) do
    local group = by_file[record.file]
    if not group then
      group = {}
      by_file[record.file] = group
      groups[#groups + 1] = group
    end
    group[#group + 1] = record
  end
  return groups
end

local function overlap(record, group)
  for _, other in ipairs(group) do
    if record.position_s < end_of(other) and other.position_s < end_of(record) then return true end
  end
  return false
end

local function under(records, group)
  local found = {}
  for _, record in ipairs(records) do
    if overlap(record, group) then found[#found + 1] = record end
  end
  return found
end

local function rows_under(rows, group)
  local found = {}
  for _, row in ipairs(rows) do
    local items = under(row.items, group)
    if #items > 0 then found[#found + 1] = { track = row.track, items = items } end
  end
  return found
end

-- A score may lie elsewhere on the timeline; only if MIDI lies under the item, it is just that.
local function score_for(group, groups, rows)
  local found = rows_under(rows, group)
  if #found == 0 and #groups == 1 then return rows end
  return found
end

local function mixture_for(group, sounds, only_group)
  local found = only_group and sounds or under(sounds, group)
  if #group_by_file(found) > 1 then
    return nil, "Two sounds lie under " .. label(group[1]) .. ".",
      "Select the one that is the mix of the whole ensemble, and the video."
  end
  return found
end

local function leans_on(conditioning, what)
  return ("+" .. conditioning .. "+"):find("+" .. what .. "+", 1, true) ~= nil
end

local function needs_score(conditioning)
  return leans_on(conditioning, "score")
end

-- Sound alone, and nothing to count players by: neither picture nor score.
local function is_uncounted(group, rows, conditioning)
  return conditioning == "audio" and group[1].kind ~= "video" and #rows == 0
end

local function make_job(group, sounds, rows, conditioning)
  local items = {}
  for _, record in ipairs(group) do
    record.role = record.kind
    items[#items + 1] = record
  end
  for _, record in ipairs(sounds) do
    record.role = "audio"
    items[#items + 1] = record
  end
  table.sort(items, function(a, b) return a.position_s < b.position_s end)
  return {
    name = group[1].name, lead = group[1], items = items, midi = rows,
    conditioning = conditioning, needs_score = needs_score(conditioning),
    uncounted = is_uncounted(group, rows, conditioning),
  }
end

local function names_of(groups)
  local names = {}
  for _, group in ipairs(groups) do names[#names + 1] = label(group[1]) end
  return table.concat(names, ", ")
end

local function questions(groups, jobs, videos)
  local asked = {}
  if #groups > 1 then
    asked[#asked + 1] = string.format(
      "%d %s are selected: %s. Each becomes a job and a folder of its own, one after the other.",
      #groups, videos and "videos" or "sounds", names_of(groups))
  end
  if not videos then
    asked[#asked + 1] = "Only sound is selected: without the video nobody is seen, "
      .. "and no stem is matched with a player."
  end
  for _, job in ipairs(jobs) do
    for _, record in ipairs(job.items) do
      if repeats(record) then
        asked[#asked + 1] = label(record) .. " is longer than its source and starts over. "
          .. "It is separated once; the stems start over with it."
      end
    end
  end
  return asked
end

local function refusal(what, next_step)
  return { refusal = what, next_step = next_step }
end

local function refuse_selection(session)
  if session.selected == 0 and #session.media == 0 then
    return refusal("Nothing is selected.",
      "Select the video item (and the MIDI items or tracks of the score), then run the action.")
  end
  if #session.media == 0 then
    return refusal("Only MIDI is selected.", "Select the video item, or the mix, as well.")
  end
  local what, next_step = objections.first(session.media)
  if what then return refusal(what, next_step) end
end

local function refuse_picture(conditioning, picture)
  if not picture and leans_on(conditioning, "motion") then
    return refusal("No video is selected, and this action leans on the players' movements.",
      "Select the video item too, or run the action for score or for audio.")
  end
end

local function refuse_score(session, conditioning)
  if needs_score(conditioning) and session.muted then
    return refusal("All MIDI is muted.", "Unmute the items or tracks that hold the score, then run again.")
  end
end

-- MIDI that is there goes along with every conditioning: it names the stems, or counts them.
local function make_jobs(session, groups, sounds, conditioning)
  local jobs = {}
  for _, group in ipairs(groups) do
    local mixture, what, next_step = mixture_for(group, sounds, #groups == 1)
    if not mixture then return nil, what, next_step end
    local rows = score_for(group, groups, session.midi)
    if needs_score(conditioning) and #rows == 0 and #session.midi > 0 then
      return nil, "No MIDI lies under " .. label(group[1]) .. ".",
        "Move its score under it, or select this item and its MIDI alone."
    end
    jobs[#jobs + 1] = make_job(group, mixture, rows, conditioning)
  end
  return jobs
end

--- Plan the jobs of a session.
-- One of: {refusal, next_step}; {no_score = true, picture} when MIDI is needed and there is none;
-- {jobs, questions}.
function plan.make(session, conditioning)
  local no = refuse_selection(session) or refuse_score(session, conditioning)
  if no then return no end
  local videos, sounds = of_kind(session.media, "video"), of_kind(session.media, "audio")
  local picture = #videos > 0
  no = refuse_picture(conditioning, picture)
  if no then return no end
  if needs_score(conditioning) and #session.midi == 0 then
    return { no_score = true, picture = picture }
  end
  local groups = group_by_file(picture and videos or sounds)
  local jobs, what, next_step = make_jobs(session, groups, picture and sounds or {}, conditioning)
  if not jobs then return refusal(what, next_step) end
  return { jobs = jobs, questions = questions(groups, jobs, picture) }
end

return plan
