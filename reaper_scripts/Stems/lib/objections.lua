-- What stands against separating a media item. Works on plain records, touches nothing.

local objections = {}

local SHORTEST_S = 2

--- What a record is called in messages.
function objections.label(record)
  local name = record.name ~= "" and record.name or record.file or "an item without name"
  return "'" .. name .. "'"
end

-- Each rule: record -> what is wrong, what to do next; or nothing.
local RULES = {
  function(r)
    if not r.take then
      return "The selected item is empty: it has no take.", "Select the item that plays the video."
    end
  end,
  function(r)
    if r.kind == "offline" then
      return "The media of " .. objections.label(r) .. " is offline.",
        "Set it online (Item > Set selected media online) and run the action again."
    end
  end,
  function(r)
    if r.missing then
      return "The media of " .. objections.label(r) .. " is missing: " .. r.file,
        "Bring the file back, or relink it (Item properties > Choose new file), then run again."
    end
  end,
  function(r)
    if r.kind == "other" then
      return objections.label(r) .. " plays neither video nor sound that avstem can read.",
        "Select a media item that plays a file. Glue or render this one first if it must be it."
    end
  end,
  function(r)
    if r.reversed then
      return objections.label(r) .. " is reversed.",
        "Undo the reversal (Item > Reverse), separate, and reverse the stems afterwards."
    end
  end,
  function(r)
    if r.stretched then
      return objections.label(r) .. " has stretch markers.",
        "Remove them (Item > Stretch markers > Remove all) or glue the item, then run again."
    end
  end,
  function(r)
    if r.item_length_s < SHORTEST_S then
      return string.format("%s is %.2f s long; at least %d s are needed.", objections.label(r),
        r.item_length_s, SHORTEST_S), "Select a longer item."
    end
  end,
}

--- What is wrong with the first record that cannot serve, and what to do next; or nothing.
function objections.first(media)
  for _, record in ipairs(media) do
    for _, rule in ipairs(RULES) do
      local what, next_step = rule(record)
      if what then return what, next_step end
    end
  end
end

return objections
