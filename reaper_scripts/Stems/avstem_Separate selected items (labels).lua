-- @noindex
-- avstem: Separate selected items (labels). The same, leaning on the names of the instruments;
-- needs no MIDI.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("separate").selected("labels")
end)
