-- Runs inside the fake's Lua: the table `reaper`, canonical pointers, a strict global environment.
local call, id_of, tick, wall_s, names, gfx_get, gfx_set = ...

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
  return function(...) return results(pcall(call, name, ...)) end
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

-- Work is counted in instructions, so that the accounting does not depend on this machine.
local function on_count() tick() end
local function count(thread)
  if thread then debug.sethook(thread, on_count, "", 1000) else debug.sethook(on_count, "", 1000) end
  return thread
end
local create = coroutine.create
coroutine.create = function(f) return count(create(f)) end
coroutine.wrap = nil
count()

os.time = wall_s
os.exit, os.execute, io.popen, python = nil, nil, nil, nil

setmetatable(_G, {
  __newindex = function(_, name) error("accidental global " .. name, 2) end,
  __index = function(_, name) error("unknown global " .. name, 2) end,
})
