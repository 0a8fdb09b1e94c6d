-- @noindex
-- avstem: Cancel job. Stops the jobs that were started from here.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("cancel").run()
end)
