-- Peaks of new takes, a little in each defer cycle.

local work = require("work")

local peaks = {}

local BEGIN, RUN, FINISH = 0, 1, 2

-- The user may undo or close the project while peaks are built.
local function source_of(proj, take)
  if not work.is_open(proj) then return nil end
  if not reaper.ValidatePtr2(proj, take, "MediaItem_Take*") then return nil end
  return reaper.GetMediaItemTake_Source(take)
end

local function build(proj, take)
  local media = source_of(proj, take)
  -- REAPER before 6.20 cannot be asked; it builds peaks when it shows them next.
  if not reaper.PCM_Source_BuildPeaks then return end
  if not media or reaper.PCM_Source_BuildPeaks(media, BEGIN) == 0 then return end
  repeat
    work.next_cycle()
    media = source_of(proj, take)
  until not media or reaper.PCM_Source_BuildPeaks(media, RUN) == 0
  if media then reaper.PCM_Source_BuildPeaks(media, FINISH) end
end

--- Build the peaks of these takes.
function peaks.build(proj, takes)
  for _, take in ipairs(takes) do
    work.next_cycle()
    build(proj, take)
  end
  reaper.UpdateArrange()
end

return peaks
