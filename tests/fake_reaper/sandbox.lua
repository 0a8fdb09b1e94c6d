-- Runs inside the fake's Lua: the table `reaper`, canonical pointers, a strict global environment.
local call, id_of, wall_s, names, gfx_get, gfx_set = ...

-- Work is counted in thousands of instructions, so that the accounting does not depend on this
-- machine; what was counted since the last call goes along with the next.
local ticks = 0
local function on_count() ticks = ticks + 1 end
local function take_ticks()
  local taken = ticks
  ticks = 0
  return taken
end

-- lupa under Lua 5.3 now and then mixes up wrapped objects when wrappers are collected; a script's
-- state lives for one action, so nothing needs collecting.
collectgarbage("stop")

local pointers = {}

-- REAPER's pointers are light userdata: the same object is the same value, also as a table key.
local function canonical(value)
  if type(value) ~= "userdata" then return value end
  local id = id_of(value)
  if id == 0 then return value end
  pointers[id] = pointers[id] or value
  return pointers[id]
end

local function results(ok, first, ...)
  if not ok then error(tostring(first), 3) end
  return canonical(first), ...
end

local function bind(name)
  return function(...) return results(pcall(call, name, take_ticks(), ...)) end
end

reaper = setmetatable({}, {
  __index = function(_, name)
    if names.hidden(name) then return nil end
    error("REAPER has no function reaper." .. tostring(name), 2)
  end,
  __newindex = function(_, name) error("reaper." .. tostring(name) .. " must not be set", 2) end,
})
for name in names.visible() do rawset(reaper, name, bind(name)) end

gfx = setmetatable({}, {
  __index = function(_, name)
    local value = gfx_get(name)
    if value ~= "function" then return value end
    return bind("gfx." .. name)
  end,
  __newindex = function(_, name, value) gfx_set(name, value) end,
})

local function count(thread)
  if thread then debug.sethook(thread, on_count, "", 1000) else debug.sethook(on_count, "", 1000) end
  return thread
end
local create = coroutine.create
coroutine.create = function(f) return count(create(f)) end
coroutine.wrap = nil
count()

os.time = wall_s

-- Windows does not rename onto a file that is there.
local rename = os.rename
os.rename = function(from, to)
  local there = names.windows() and io.open(to, "rb")
  if not there then return rename(from, to) end
  there:close()
  return nil, to .. ": File exists", 17
end
os.exit, os.execute, io.popen, python = nil, nil, nil, nil

setmetatable(_G, {
  __newindex = function(_, name) error("accidental global " .. name, 2) end,
  __index = function(_, name) error("unknown global " .. name, 2) end,
})

-- Functions that wait stay on this side: Python would call them in the coroutine they came from.
local waiting, at_exit = {}, {}

local function queue_in(list, name)
  return function(...)
    local f = ...
    if type(f) ~= "function" or select("#", ...) ~= 1 then error(name .. " takes a function", 2) end
    list[#list + 1] = f
    return true
  end
end

rawset(reaper, "defer", function(...) return queue_in(waiting, "defer")(...) end)
rawset(reaper, "atexit", queue_in(at_exit, "atexit"))

local control = { take_ticks = take_ticks }

function control.is_waiting() return #waiting > 0 end

function control.run_waiting()
  local now = waiting
  waiting = {}
  for _, f in ipairs(now) do f() end
end

function control.run_exit()
  for _, f in ipairs(at_exit) do f() end
end

return control
