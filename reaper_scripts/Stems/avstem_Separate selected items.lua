-- @description avstem: one stem per player
-- @author avstem
-- @version 0.1.0
-- @changelog First version
-- @about
--   One clean, labeled stem per player from the video of a recorded ensemble and its MIDI score.
--   Needs the avstem program: `pip install avstem`, then `avstem reaper install`.
-- @provides
--   [main] avstem_*.lua
--   [nomain] lib/*.lua

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("separate").selected("score")
end)
