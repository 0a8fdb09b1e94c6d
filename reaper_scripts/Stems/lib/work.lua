-- Long tasks in slices: REAPER's window freezes while a script runs, so a task is a coroutine
-- that gives the time back after BUDGET_S and goes on in the next defer cycle.

local messages = require("messages")

local work = {}

local BUDGET_S = 0.015
local CHECK_EVERY = 32 -- asking for the time costs about as much as reading a note

local slice_started = 0
local breaths = 0

--- Like breathe, for steps that are long themselves.
function work.rest()
  if coroutine.isyieldable() and reaper.time_precise() - slice_started > BUDGET_S then
    coroutine.yield()
    return true
  end
  return false
end

--- Give the time back when this slice has had its share; call it inside loops.
-- True when it did: whatever was known of the project may be gone.
function work.breathe()
  breaths = breaths + 1
  return breaths % CHECK_EVERY == 0 and work.rest()
end

--- End this slice and go on in the next defer cycle.
function work.next_cycle()
  if coroutine.isyieldable() then coroutine.yield() end
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
