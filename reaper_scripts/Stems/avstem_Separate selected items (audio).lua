-- @noindex
-- avstem: Separate selected items (audio). The same, leaning on the sound alone; needs neither
-- video nor MIDI.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("separate").selected("audio")
end)
