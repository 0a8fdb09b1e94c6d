-- Message boxes: every text says what is the matter, then what to do next.

local messages = {}

local TITLE = "avstem"
local OK, OK_CANCEL, YES_NO_CANCEL, YES_NO = 0, 1, 3, 4
local ANSWERS = { [1] = "ok", [2] = "cancel", [6] = "yes", [7] = "no" }

local function box(kind, text, next_step)
  if next_step and next_step ~= "" then text = text .. "\n\n" .. next_step end
  return ANSWERS[reaper.MB(text, TITLE, kind)] or "cancel"
end

--- Tell something.
function messages.say(text, next_step)
  box(OK, text, next_step)
end

--- Ask for consent; true when given.
function messages.confirm(text, next_step)
  return box(OK_CANCEL, text, next_step) == "ok"
end

--- Ask yes or no; true for yes.
function messages.ask(text, next_step)
  return box(YES_NO, text, next_step) == "yes"
end

--- Let the user choose: "yes", "no" or "cancel".
function messages.choose(text, next_step)
  return box(YES_NO_CANCEL, text, next_step)
end

--- Ask for a whole number from 1; nil where the user cancels or types something else.
function messages.number(caption, next_step)
  local given, text = reaper.GetUserInputs(TITLE, 1, caption, "")
  if not given then return nil end
  local number = math.tointeger(tonumber(text))
  if number and number >= 1 then return number end
  messages.say(string.format("A whole number from 1 was expected, found '%s'.", text), next_step)
end

--- Tell an error of the service: message, hint, and where the log is.
function messages.failure(what, problem)
  local hint = problem.hint or ""
  if problem.log then hint = hint .. "\n\nLog: " .. problem.log end
  messages.say(what .. "\n" .. (problem.message or "No reason was given."), hint)
end

--- Tell a fault in these scripts.
function messages.crash(trace)
  messages.say(
    "avstem stopped because of a fault of its own:\n" .. trace,
    "Nothing was left half done. Please report this text; Undo takes back the last step."
  )
end

return messages
