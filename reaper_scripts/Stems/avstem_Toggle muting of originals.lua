-- @noindex
-- avstem: Toggle muting of originals. Whether the original sound is muted when its stems come in.

local folder = select(2, reaper.get_action_context()):match("^(.*[/\\])")
package.path = folder .. "lib/?.lua;" .. package.path


local on = reaper.GetExtState("avstem", "mute_original") ~= "1"
reaper.SetExtState("avstem", "mute_original", on and "1" or "0", true)
require("messages").say(
  on and "From now on the original is muted when its stems come in."
    or "From now on the original is left as it is when its stems come in.",
  "Run this action again to change it back."
)
