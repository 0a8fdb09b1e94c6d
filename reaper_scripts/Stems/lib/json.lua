-- JSON as the spool wants it: UTF-8, numbers with 17 significant digits, a point whatever the locale.

local json = {}

local ARRAY = {}

--- Mark a table as a list, so that an empty one is written [].
function json.array(list)
  return setmetatable(list or {}, ARRAY)
end

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(character)
  return ESCAPES[character] or string.format("\\u%04x", character:byte())
end

-- Bytes that are no UTF-8 (names of files made long ago) become U+FFFD: no reader may choke on them.
local function valid(text)
  local length, bad = utf8.len(text)
  if length then return text end
  local out = {}
  while not length do
    out[#out + 1] = text:sub(1, bad - 1) .. "\u{FFFD}"
    text = text:sub(bad + 1)
    length, bad = utf8.len(text)
  end
  return table.concat(out) .. text
end

local function quote(text)
  return '"' .. valid(text):gsub('[%c"\\\127]', escape) .. '"'
end

local function number(value)
  if math.type(value) == "integer" then return string.format("%d", value) end
  if value ~= value or value == math.huge or value == -math.huge then
    error("JSON has no " .. tostring(value), 0)
  end
  return (string.format("%.17g", value):gsub(",", "."))
end

local write

local function write_list(list, out, breathe)
  for i = 1, #list do
    out[#out + 1] = i == 1 and "[" or ","
    write(list[i], out, breathe)
  end
  out[#out + 1] = #list == 0 and "[]" or "]"
end

local function write_object(object, out, breathe)
  local names = {}
  for name in pairs(object) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    out[#out + 1] = (i == 1 and "{" or ",") .. quote(name) .. ":"
    write(object[name], out, breathe)
  end
  out[#out + 1] = #names == 0 and "{}" or "}"
end

function write(value, out, breathe)
  if breathe then breathe() end
  local kind = type(value)
  if kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind ~= "table" then
    error("JSON has no " .. kind, 0)
  elseif getmetatable(value) == ARRAY or #value > 0 then
    write_list(value, out, breathe)
  else
    write_object(value, out, breathe)
  end
end

--- The value as text; `breathe` is called between values, so that a long one can be cut in slices.
function json.encode(value, breathe)
  local out = {}
  write(value, out, breathe)
  return table.concat(out)
end

local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local read

local function fail(text, at, wanted)
  error(string.format("JSON: expected %s at byte %d of %d", wanted, at, #text), 0)
end

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function code_point(text, at)
  local high = tonumber(text:match("^%x%x%x%x", at) or fail(text, at, "four hexadecimal digits"), 16)
  if high < 0xD800 or high > 0xDBFF then return high, at + 4 end
  local low = tonumber(text:match("^\\u(%x%x%x%x)", at + 4) or "0", 16)
  if low < 0xDC00 or low > 0xDFFF then return 0xFFFD, at + 4 end
  return 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00), at + 10
end

local function read_text(text, at)
  local out = {}
  while true do
    local stop = text:find('["\\]', at) or fail(text, at, "the end of a string")
    out[#out + 1] = text:sub(at, stop - 1)
    if text:sub(stop, stop) == '"' then return table.concat(out), stop + 1 end
    local letter = text:sub(stop + 1, stop + 1)
    at = stop + 2
    if letter == "u" then
      local code
      code, at = code_point(text, at)
      out[#out + 1] = utf8.char(code)
    else
      out[#out + 1] = UNESCAPES[letter] or letter
    end
  end
end

local function read_list(text, at)
  local list = json.array()
  at = skip(text, at)
  if text:sub(at, at) == "]" then return list, at + 1 end
  local count = 0
  while true do
    count = count + 1
    list[count], at = read(text, at)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "]" then return list, at + 1 end
    if mark ~= "," then fail(text, at, "',' or ']'") end
    at = at + 1
  end
end

local function read_object(text, at)
  local object = {}
  at = skip(text, at)
  if text:sub(at, at) == "}" then return object, at + 1 end
  while true do
    at = skip(text, at)
    if text:sub(at, at) ~= '"' then fail(text, at, "a name") end
    local name
    name, at = read_text(text, at + 1)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then fail(text, at, "':'") end
    object[name], at = read(text, at + 1)
    at = skip(text, at)
    local mark = text:sub(at, at)
    if mark == "}" then return object, at + 1 end
    if mark ~= "," then fail(text, at, "',' or '}'") end
    at = at + 1
  end
end

local WORDS = { { "true", true }, { "false", false }, { "null", nil } }

function read(text, at)
  at = skip(text, at)
  local first = text:sub(at, at)
  if first == "{" then return read_object(text, at + 1) end
  if first == "[" then return read_list(text, at + 1) end
  if first == '"' then return read_text(text, at + 1) end
  for _, word in ipairs(WORDS) do
    if text:sub(at, at + #word[1] - 1) == word[1] then return word[2], at + #word[1] end
  end
  local digits = text:match("^-?%d+%.?%d*[eE]?[-+]?%d*", at) or fail(text, at, "a value")
  return tonumber(digits) or fail(text, at, "a number"), at + #digits
end

--- The value of a text; null is nil. Raises a text that says what was expected where.
function json.decode(text)
  local value, at = read(text, 1)
  at = skip(text, at)
  if at <= #text then fail(text, at, "the end") end
  return value
end

return json
