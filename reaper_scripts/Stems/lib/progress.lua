-- Watching jobs: a window, a look at their status every POLL_S, insertion when they are done.

local actions = require("actions")
local insert = require("insert")
local messages = require("messages")
local service = require("service")
local spool = require("spool")
local window = require("window")
local work = require("work")

local progress = {}

local POLL_S = 0.3
local RESTARTS = 1

-- The list outlives a script, so that a second action takes over the jobs of the first.
local function remember(rows)
  local lines = {}
  for _, row in ipairs(rows) do
    lines[#lines + 1] = row.job .. " " .. row.name:gsub("%c", " ")
  end
  reaper.SetExtState("avstem", "watched", table.concat(lines, "\n"), false)
end

local function remembered()
  local rows = {}
  for job, name in reaper.GetExtState("avstem", "watched"):gmatch("(%S+) ([^\n]*)") do
    rows[#rows + 1] = { job = job, name = name }
  end
  return rows
end

local function refresh(row)
  local status = spool.read(spool.file(row.job, "status.json")) or {}
  row.state = status.state or "queued"
  row.message = status.message or "Waiting for the service"
  row.percent = math.max(0, math.min(100, status.percent or 0))
  row.error = status.error
end

local function insert_result(row)
  local result = spool.read(spool.file(row.job, "result.json"))
  if result and not spool.has(row.job, "inserted.json") then insert.one(result) end
end

-- What the end of a job calls for; the row leaves the window.
local ENDINGS = {
  done = insert_result,
  inserted = function() end,
  cancelled = function() end,
  failed = function(row)
    messages.failure("'" .. row.name .. "' could not be separated.", row.error or {})
  end,
}

local function poll(rows)
  local open, ended = {}, {}
  for _, row in ipairs(rows) do
    refresh(row)
    local list = ENDINGS[row.state] and ended or open
    list[#list + 1] = row
    work.rest()
  end
  return open, ended
end

-- The service finds its interrupted jobs again at its start, so a dead one is started once more.
local function keep_service_alive(watch)
  if service.look() == "alive" then return true end
  if watch.restarts >= RESTARTS then
    messages.say("The avstem service has stopped while it worked.",
      "Run the action again to start it; it goes on where it was.\n\nLog: " .. service.log())
    return false
  end
  watch.restarts = watch.restarts + 1
  return service.ensure()
end

local function cancel_all(rows)
  for _, row in ipairs(rows) do spool.write_text(spool.file(row.job, "cancel"), "") end
end

-- The watcher that started last is the only one: variants of an action are different scripts.
local function is_latest(watch)
  return reaper.GetExtState("avstem", "watcher") == watch.token
end

-- One poll. False when there is nothing left to watch, or another script does.
local function step(watch)
  if not is_latest(watch) then return false end
  local open, ended = poll(watch.rows)
  watch.rows = open
  remember(open)
  if #open > 0 then window.draw(open) else window.close() end
  for _, row in ipairs(ended) do ENDINGS[row.state](row) end
  actions.beat()
  return #open > 0 and keep_service_alive(watch)
end

-- Let POLL_S pass with an eye on the mouse. False when the user closed the window.
local function wait(watch)
  local until_s = reaper.time_precise() + POLL_S
  while reaper.time_precise() < until_s do
    work.next_cycle()
    local event = window.event(watch.rows)
    if event == "closed" then return false end
    if event == "cancel" then cancel_all(watch.rows) end
  end
  return true
end

--- Watch jobs until all have ended or the window is closed; rows of {job, name}.
-- Closing the window stops nothing: the jobs go on, and the doorbell brings their stems.
function progress.watch(added)
  local watch = { rows = remembered(), restarts = 0, token = spool.new_id() }
  for _, row in ipairs(added) do watch.rows[#watch.rows + 1] = row end
  if #watch.rows == 0 then return end
  reaper.SetExtState("avstem", "watcher", watch.token, false)
  window.open(math.min(#watch.rows, 8))
  reaper.atexit(window.close)
  while step(watch) and wait(watch) do end -- luacheck: ignore 542
  window.close()
end

--- Jobs that this REAPER started and that have not ended; rows of {job, name, state}.
function progress.unfinished()
  return (poll(remembered()))
end

return progress
