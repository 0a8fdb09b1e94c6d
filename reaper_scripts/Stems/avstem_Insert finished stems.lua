-- @noindex
-- avstem: Insert finished stems. Brings finished stems into the projects they came from. The
-- service rings this action; running it twice does no harm.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  local actions = require("actions")
  actions.replace_running_copy()
  actions.announce()
  require("insert").all()
end)
