-- @noindex
-- avstem: Batch export open projects. Separates in every open project: what is selected there,
-- else all videos.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path

require("work").run(function()
  require("batch").run("score")
end)
