-- @noindex
-- avstem: Separate selected items (pose). The same, leaning on the players' poses; needs no MIDI.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("separate").selected("pose")
end)
