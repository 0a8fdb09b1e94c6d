-- Long tasks in slices: REAPER's window freezes while a script runs, so a task is a coroutine
-- that gives the time back after BUDGET_S and goes on in the next defer cycle.

local messages = require("messages")

local work = {}

local BUDGET_S = 0.015
local CHECK_EVERY = 32 -- asking for the time costs about as much as reading a note

local CHANGED = {} -- what a reading ends with when its project changed meanwhile

local slice_started = 0
local breaths = 0
local watched -- the project that is being read, and its state

--- Whether a project is still open.
function work.is_open(proj)
  return reaper.ValidatePtr2(0, proj, "ReaProject*")
end

local function has_changed()
  return not work.is_open(watched.proj)
    or reaper.GetProjectStateChangeCount(watched.proj) ~= watched.state
end

--- End this slice and go on in the next defer cycle.
function work.next_cycle()
  if not coroutine.isyieldable() then return end
  coroutine.yield()
  if watched and has_changed() then error(CHANGED, 0) end
end

--- Like breathe, for steps that are long themselves.
function work.rest()
  if reaper.time_precise() - slice_started > BUDGET_S then work.next_cycle() end
end

--- Give the time back when this slice has had its share; call it inside loops.
function work.breathe()
  breaths = breaths + 1
  if breaths % CHECK_EVERY == 0 then work.rest() end
end

local function with_trace(problem)
  return problem == CHANGED and problem or debug.traceback(tostring(problem), 2)
end

--- Read something of a project that may take several slices: what `read` gives, or nil when the
-- project was changed or closed between them, for then no pointer into it may be used any more.
function work.reading(proj, read)
  if not work.is_open(proj) then return nil end
  watched = { proj = proj, state = reaper.GetProjectStateChangeCount(proj) }
  local outcome = table.pack(xpcall(read, with_trace))
  watched = nil
  if outcome[1] then return table.unpack(outcome, 2, outcome.n) end
  if outcome[2] ~= CHANGED then error(outcome[2], 0) end
  return nil
end

--- Let at least this much time pass, without blocking REAPER.
function work.pause(seconds)
  local until_s = reaper.time_precise() + seconds
  repeat
    work.next_cycle()
  until reaper.time_precise() >= until_s
end

--- Run a task; an error in it is told in a message box, never lost.
function work.run(task)
  local thread = coroutine.create(task)
  local function slice()
    slice_started = reaper.time_precise()
    local ok, problem = coroutine.resume(thread)
    if not ok then
      messages.crash(debug.traceback(thread, tostring(problem)))
    elseif coroutine.status(thread) ~= "dead" then
      reaper.defer(slice)
    end
  end
  slice()
end

return work
