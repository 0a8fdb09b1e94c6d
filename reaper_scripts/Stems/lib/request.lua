-- A planned job as the request the service reads (docs/spool.md).

local json = require("json")
local midi = require("midi")
local project = require("project")
local spool = require("spool")
local version = require("version")
local work = require("work")

local request = {}

local function item_row(record)
  return {
    guid = record.guid,
    role = record.role,
    name = record.name,
    file = record.file,
    position_s = record.position_s,
    length_s = record.item_length_s,
    offset_s = record.offset_s,
    playrate = record.playrate,
    section = record.section,
    loop = record.loop,
    source_length_s = record.length_s,
  }
end

local function item_rows(records)
  local rows = json.array()
  for _, record in ipairs(records) do rows[#rows + 1] = item_row(record) end
  return rows
end

-- A selection that lies elsewhere was not meant for this job.
local function selection_for(job, selection)
  for _, record in ipairs(job.items) do
    local to_s = record.position_s + record.item_length_s
    if selection and selection[1] < to_s and selection[2] > record.position_s then
      return json.array { selection[1], selection[2] }
    end
  end
end

local function read_parts(job)
  local parts = json.array()
  for _, row in ipairs(job.midi) do
    local part = midi.part(row.track, row.items)
    if #part.notes > 0 then parts[#parts + 1] = part end
  end
  return parts
end

local function parts_of(job, proj)
  local parts = work.reading(proj, function() return read_parts(job) end)
  if not parts then
    return nil, "The session changed while it was being read.", "Run the action again."
  end
  if job.needs_score and #job.midi > 0 and #parts == 0 then
    return nil, "The MIDI holds no note that sounds inside its items.",
      "Unmute the notes, or select the MIDI items that hold the score."
  end
  return parts
end

-- Tells apart jobs of one second, for as long as REAPER runs.
local function next_serial()
  local serial = (math.tointeger(tonumber(reaper.GetExtState("avstem", "serial"))) or 0) + 1
  reaper.SetExtState("avstem", "serial", tostring(serial), false)
  return serial
end

--- The request of a job; or nil, what is wrong and what to do next.
function request.make(job, session)
  local parts, what, next_step = parts_of(job, session.proj)
  if not parts then return nil, what, next_step end
  local id = spool.new_id()
  local name = job.name ~= "" and job.name or project.name(session.path)
  return {
    version = version.contract,
    job = id,
    submitted_s = os.time(),
    serial = next_serial(),
    family = project.family(session.proj, job.lead.guid, id),
    name = name,
    project = {
      id = project.id(session.proj), name = project.name(session.path), path = session.path,
    },
    items = item_rows(job.items),
    parts = parts,
    time_selection = selection_for(job, session.time_selection),
    output = project.folder(session.path) .. "/avstem stems",
    settings = {
      conditioning = job.conditioning, mute_original = job.mute_original or false,
      players = job.players,
    },
  }
end

return request
