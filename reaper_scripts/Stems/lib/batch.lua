-- Jobs for every open project: what is selected there, else all its videos.

local actions = require("actions")
local messages = require("messages")
local plan = require("plan")
local progress = require("progress")
local project = require("project")
local separate = require("separate")
local session = require("session")
local work = require("work")

local batch = {}

local function plan_project(proj, conditioning)
  local here = work.reading(proj, function() return session.read(proj, true) end)
  if not here then return nil, "a project that changed while it was being read: run again" end
  local name = project.name(here.path)
  if here.path == "" then return nil, "a project that was never saved: save it first" end
  local planned = plan.make(here, conditioning)
  if planned.refusal then return nil, name .. ": " .. planned.refusal end
  if planned.no_score then return nil, name .. ": there is no MIDI" end
  return { here = here, jobs = planned.jobs, name = name }
end

local function survey(conditioning)
  local ready, skipped, count = {}, {}, 0
  for _, proj in ipairs(project.all()) do
    local found, why = plan_project(proj, conditioning)
    if found then
      ready[#ready + 1] = found
      count = count + #found.jobs
    else
      skipped[#skipped + 1] = "- " .. why
    end
  end
  return ready, skipped, count
end

local function agrees(ready, skipped, count)
  local text = string.format("%d recordings in %d open projects will be separated, one after the other.",
    count, #ready)
  if #skipped > 0 then text = text .. "\n\nSkipped:\n" .. table.concat(skipped, "\n") end
  if count == 0 then
    messages.say(text, "Open the projects, each with its video and its MIDI, and run the action again.")
    return false
  end
  return messages.confirm(text, "The stems come into each project when they are ready. Go on?")
end

--- Separate in all open projects.
function batch.run(conditioning)
  actions.replace_running_copy()
  local ready, skipped, count = survey(conditioning)
  if not agrees(ready, skipped, count) or not separate.is_possible() then return end
  local rows = {}
  for _, found in ipairs(ready) do
    if work.is_open(found.here.proj) then
      for _, row in ipairs(separate.submit(found.jobs, found.here)) do rows[#rows + 1] = row end
    end
  end
  progress.watch(rows)
end

return batch
