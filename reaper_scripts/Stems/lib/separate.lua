-- The main action: from the selection to jobs in the spool, then the progress window.

local actions = require("actions")
local messages = require("messages")
local plan = require("plan")
local progress = require("progress")
local project = require("project")
local request = require("request")
local service = require("service")
local session = require("session")
local spool = require("spool")
local work = require("work")

local separate = {}

-- Stems lie beside the project, so it must have a place.
local function ensure_saved(proj)
  if project.path(proj) ~= "" then return true end
  local save = messages.ask("The project has not been saved yet; the stems go into a folder beside it.",
    "Save it now?")
  if not save then return false end
  reaper.Main_SaveProject(proj, true)
  return project.path(proj) ~= ""
end

local function without_score(picture)
  local what = "There is no MIDI in this project, so avstem has no score to follow."
  if not picture then
    local go_on = messages.confirm(what .. " Nor is a video selected.",
      "OK: separate by sound alone.\nCancel: import the score as MIDI and run the action again.")
    return go_on and "audio" or nil
  end
  local answer = messages.choose(what, "Yes: separate by what the players' movements explain.\n"
    .. "No: separate by sound alone.\nCancel: import the score as MIDI and run the action again.")
  return ({ yes = "motion", no = "audio" })[answer]
end

-- How many players there are, where nothing but the user can tell; nil where the user does not.
local function counted(jobs)
  for _, job in ipairs(jobs) do
    if job.uncounted then
      job.players = messages.number("How many players sound?",
        "Run the action again and type how many there are, for example 4.")
      if not job.players then return nil end
    end
  end
  return jobs
end

-- The jobs the user agrees to, or nil.
local function agreed_jobs(here, conditioning)
  local planned = plan.make(here, conditioning)
  if planned.no_score then
    local other = without_score(planned.picture)
    if not other then return nil end
    planned = plan.make(here, other)
    planned.questions = {}
  end
  if planned.refusal then
    messages.say(planned.refusal, planned.next_step)
    return nil
  end
  if #planned.questions > 0
    and not messages.confirm(table.concat(planned.questions, "\n\n"), "Go on?") then
    return nil
  end
  return counted(planned.jobs)
end

local function spool_is_ready()
  local ok, why = spool.ready()
  if not ok then
    messages.say("avstem cannot write into its folder: " .. (why or spool.root()),
      "Make this folder writable, or free some space on its disk: " .. spool.root())
  end
  return ok
end

local function submit(job, here)
  local made, what, next_step = request.make(job, here)
  if not made then
    messages.say(what, next_step)
    return nil
  end
  local ok, why = spool.submit(made, work.breathe)
  if not ok then
    messages.say("The request cannot be written: " .. why,
      "Make this folder writable, or free some space on its disk: " .. spool.root())
    return nil
  end
  return { job = made.job, name = made.name }
end

-- A service that died at its start may have seen the jobs: the next one is not to take them up.
local function withdraw(rows)
  for _, row in ipairs(rows) do
    os.remove(spool.file(row.job, "request.json"))
    spool.write_text(spool.file(row.job, "cancel"), "")
  end
end

--- Submit planned jobs of a session and see to it that the service runs; rows of {job, name}.
function separate.submit(jobs, here)
  local rows = {}
  for _, job in ipairs(jobs) do
    job.mute_original = reaper.GetExtState("avstem", "mute_original") == "1"
    rows[#rows + 1] = submit(job, here)
  end
  actions.announce()
  if #rows > 0 and not service.ensure() then
    withdraw(rows)
    return {}
  end
  return rows
end

--- Whether a job may be submitted now; tells the user if not.
function separate.is_possible()
  local state, info = service.look()
  if state == "other version" then
    messages.say(service.other_version(info))
    return false
  end
  return spool_is_ready()
end

--- Separate what is selected in the active project, leaning on `conditioning`.
function separate.selected(conditioning)
  actions.replace_running_copy()
  local proj = reaper.EnumProjects(-1)
  local here = work.reading(proj, function() return session.read(proj) end)
  if not here then
    return messages.say("The session changed while it was being read.", "Run the action again.")
  end
  local jobs = agreed_jobs(here, conditioning)
  if not jobs or not ensure_saved(proj) or not separate.is_possible() then return end
  here.path = project.path(proj)
  progress.watch(separate.submit(jobs, here))
end

return separate
