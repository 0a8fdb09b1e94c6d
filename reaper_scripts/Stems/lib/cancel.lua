-- Stop what is running.

local messages = require("messages")
local progress = require("progress")
local spool = require("spool")

local cancel = {}

--- Cancel all jobs that this REAPER started, after asking when there are several.
function cancel.run()
  local rows = progress.unfinished()
  if #rows == 0 then return messages.say("No avstem job is running.", "") end
  local names = {}
  for _, row in ipairs(rows) do names[#names + 1] = row.name end
  if #rows > 1 and not messages.confirm("Cancel these jobs?\n" .. table.concat(names, "\n"), "") then
    return
  end
  for _, row in ipairs(rows) do spool.write_text(spool.file(row.job, "cancel"), "") end
end

return cancel
