-- @noindex
-- avstem: Setup check. Walks through REAPER, spool, Python, service, actions and control surface,
-- and says what to do.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("setup").run()
end)
