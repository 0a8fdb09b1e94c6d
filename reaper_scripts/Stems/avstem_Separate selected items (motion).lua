-- @noindex
-- avstem: Separate selected items (motion). The same, leaning on the players' movements alone;
-- needs no MIDI (but names the stems by it where there is some).

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("separate").selected("motion")
end)
