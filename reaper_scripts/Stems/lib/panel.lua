-- The panel is a program of its own; the action only starts it.

local messages = require("messages")
local service = require("service")

local panel = {}

--- Start the service if need be, then the panel's window.
function panel.open()
  if not service.ensure() then return end
  local _, info = service.look()
  if not info.panel then
    return messages.say("avstem " .. (info.avstem or "?") .. " has no panel yet.",
      "Solo the stem tracks in REAPER's mixer; who plays what stands in report.html beside the stems. "
        .. "A later avstem brings the panel: update it, then run this action again.")
  end
  local ok, what, next_step = service.launch("avstem.panel")
  if not ok then messages.say(what, next_step) end
end

return panel
