-- The folder through which scripts and service talk (docs/spool.md): names, atomic writing, reading.

local json = require("json")

local spool = {}

--- The spool's folder.
function spool.root()
  return reaper.GetResourcePath() .. "/Data/avstem"
end

--- A file of a job.
function spool.file(job, name)
  return spool.root() .. "/jobs/" .. job .. "/" .. name
end

--- A new id: lower case, without braces.
function spool.new_id()
  return (reaper.genGuid(""):gsub("[{}]", ""):lower())
end

local function windows()
  return reaper.GetOS():sub(1, 3) == "Win"
end

local function write_whole(path, text)
  local file, why = io.open(path, "wb")
  if not file then return nil, why end
  local written, trouble = file:write(text)
  local closed, late = file:close() -- a full disk may show only here
  if written and closed then return true end
  os.remove(path)
  return nil, trouble or late
end

--- Write a text under a temporary name, then rename. True, or nil and the reason.
function spool.write_text(path, text)
  local partial = path .. ".tmp"
  local ok, why = write_whole(partial, text)
  if not ok then return nil, why end
  if windows() then os.remove(path) end -- renaming does not replace there
  ok, why = os.rename(partial, path)
  if not ok then os.remove(partial) end
  return ok, why
end

--- Write a value as JSON, atomically. True, or nil and the reason.
function spool.write(path, value, breathe)
  return spool.write_text(path, json.encode(value, breathe))
end

--- Read JSON; nil when there is no file, or (on Windows) half a one.
function spool.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  local ok, value = pcall(json.decode, text)
  return ok and value or nil
end

--- Make sure that the spool can be written. True, or nil and the reason.
function spool.ready()
  reaper.RecursiveCreateDirectory(spool.root() .. "/jobs", 0)
  local path = spool.root() .. "/write-test.tmp"
  local ok, why = write_whole(path, "")
  if ok then os.remove(path) end
  return ok, why
end

--- Make a job's folder and put its request in. True, or nil and the reason.
function spool.submit(request, breathe)
  local text = json.encode(request, breathe)
  reaper.RecursiveCreateDirectory(spool.root() .. "/jobs/" .. request.job, 0)
  return spool.write_text(spool.file(request.job, "request.json"), text)
end

--- Ids of all jobs.
function spool.jobs()
  local folder, ids = spool.root() .. "/jobs", {}
  reaper.EnumerateSubdirectories(folder, -1) -- forget what REAPER remembers of it
  repeat
    local name = reaper.EnumerateSubdirectories(folder, #ids)
    ids[#ids + 1] = name
  until not name
  table.sort(ids)
  return ids
end

--- Whether a job has this file.
function spool.has(job, name)
  return reaper.file_exists(spool.file(job, name))
end

--- Note that a job's stems are in the project, or never will be.
function spool.settle(job, state, message)
  return spool.write(spool.file(job, "inserted.json"), {
    version = require("version").contract, job = job, state = state, message = message,
  })
end

return spool
