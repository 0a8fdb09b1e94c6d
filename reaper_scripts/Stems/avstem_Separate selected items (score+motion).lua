-- @noindex
-- avstem: Separate selected items (score+motion). The same, leaning on the score; the report
-- shows besides which movement goes with each player's sound.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("separate").selected("score+motion")
end)
