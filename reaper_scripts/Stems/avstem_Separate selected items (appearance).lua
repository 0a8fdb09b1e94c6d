-- @noindex
-- avstem: Separate selected items (appearance). The same, leaning on what the instruments look
-- like; needs no MIDI.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("separate").selected("appearance")
end)
