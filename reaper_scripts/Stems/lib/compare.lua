-- Switching the stem tracks to the takes of one run, so that runs can be compared by ear.

local project = require("project")
local spool = require("spool")
local takes = require("takes")
local tracks = require("tracks")

local compare = {}

local function switch(proj, result)
  local _, by_part = tracks.find(proj, result.family)
  reaper.Undo_BeginBlock2(proj)
  takes.activate(by_part, result.job)
  reaper.Undo_EndBlock2(proj, "avstem: take " .. result.take, -1)
  reaper.UpdateArrange()
end

--- Do what the panel asked for since the last time.
function compare.all()
  for _, job in ipairs(spool.jobs()) do
    if spool.has(job, "activate") then
      os.remove(spool.file(job, "activate"))
      local result = spool.read(spool.file(job, "result.json"))
      local proj = result and project.find(result.project)
      if proj then switch(proj, result) end
    end
  end
end

return compare
