-- @noindex
-- avstem: Open panel. Opens the window that shows who plays what.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("panel").open()
end)
